import Core
import Foundation
import RocksDB
import Synchronization
import TestSupport
import Testing
import VectorIndex
import Words

@testable import Storage

/// A partition that follows a log.
@Suite struct PartitionLogTests {
    private static let dimension = 4
    private let directory: TemporaryDirectory
    private let path: String
    private let collection = CollectionID.random()

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("partition-0000")
    }

    /// A partition of `count` passages at the start of the collection's log.
    private func make(count: Int) throws {
        _ = try PartitionTests.make(at: path, count: count, dimension: Self.dimension)
        try open().record(LogPosition(collection: collection, epoch: 0))
    }

    private func open(_ path: String? = nil) throws -> Partition {
        try Partition(path: path ?? self.path, access: .readWrite)
    }

    private static func vector(_ seed: Int) -> [BFloat16] {
        (0..<dimension).map { BFloat16(Float(seed % 1000 * 8 + $0)) }
    }

    private static func upsert(_ id: String, _ seed: Int = 1, update: Int = 0) -> LoggedChange {
        LoggedChange(
            update: update, .upsert(Passage(id: id, title: "t", text: "seed \(seed)"), vector: vector(seed)))
    }

    private static func delete(_ id: String, update: Int = 0) -> LoggedChange {
        LoggedChange(update: update, .delete(id: id))
    }

    private func refusal(_ body: () throws -> Void) -> ImpRAGError? {
        #expect(throws: ImpRAGError.self) { try body() }
    }

    // MARK: Against a model

    /// What a partition should hold, and what updates did, one change after the other.
    private struct Model {
        var passages: [String: (passage: Passage, vector: [BFloat16])] = [:]

        mutating func apply(_ changes: [LoggedChange]) -> [Int: UpdateOutcome] {
            var outcomes: [Int: UpdateOutcome] = [:]
            for logged in changes {
                var outcome = outcomes[logged.update] ?? UpdateOutcome()
                switch logged.change {
                case .upsert(let passage, let vector):
                    if passages.updateValue((passage, vector), forKey: passage.id) == nil {
                        outcome.inserted += 1
                    } else {
                        outcome.replaced += 1
                    }
                case .delete(let id):
                    if passages.removeValue(forKey: id) != nil { outcome.deleted += 1 }
                }
                outcomes[logged.update] = outcome
            }
            return outcomes
        }
    }

    private func expect(_ partition: Partition, holds model: Model, _ where: String) throws {
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        let found = try partition.passages(rows: rows).compactMap { $0 }
        #expect(found.count == model.passages.count, "\(`where`)")
        #expect(found.allSatisfy { model.passages[$0.id]?.passage == $0 }, "\(`where`)")
        #expect(try partition.vectors(rows: rows) == found.flatMap { model.passages[$0.id]?.vector ?? [] })
        for (row, passage) in zip(rows, found) { #expect(try partition.row(of: passage.id) == row) }
        let lengths = try partition.wordLengths()
        #expect(zip(rows, found).allSatisfy { row, passage in lengths[row] > 0 || passage.text.isEmpty })
    }

    private static func segment(_ generator: inout SeededGenerator, _ epoch: Int) -> [LoggedChange] {
        (0..<Int.random(in: 0..<12, using: &generator)).map { place in
            let id = "p\(Int.random(in: 0..<50, using: &generator))"
            let update = place / 3
            return Int.random(in: 0..<3, using: &generator) == 0
                ? delete(id, update: update) : upsert(id, epoch * 100 + place, update: update)
        }
    }

    @Test(
        "segments leave what their changes would one by one, whenever the partition is opened again, and say so",
        arguments: [UInt64(3), 4])
    func agreesWithModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try make(count: 30)
        var model = Model()
        for row in 0..<30 {
            model.passages["p\(row)"] = (
                PartitionTests.passage(row), PartitionTests.vectors(row..<(row + 1), dimension: Self.dimension)
            )
        }
        var partition: Partition? = try open()
        var recorded = 0
        for epoch in 1...80 {
            let changes = Self.segment(&generator, epoch)
            let before = try #require(partition).rowLimit
            let applied = try #require(partition).apply(changes, epoch: epoch)
            #expect(applied.outcomes == model.apply(changes))
            #expect(applied.change.rows.lowerBound == before)
            if !applied.change.rows.isEmpty || !applied.change.replaced.isEmpty { recorded = epoch }
            #expect(partition?.logPosition == LogPosition(collection: collection, epoch: epoch))
            guard epoch % 3 == 0 else { continue }
            partition = nil  // The former must be closed before another writer may come.
            let found = try open()
            partition = found
            #expect(found.logPosition == LogPosition(collection: collection, epoch: recorded))
            try expect(found, holds: model, "epoch \(epoch)")
            for missed in stride(from: recorded + 1, through: epoch, by: 1) { _ = try found.apply([], epoch: missed) }
            #expect(found.logPosition?.epoch == epoch)
        }
        try expect(try #require(partition), holds: model, "the end")
    }

    @Test("a segment that was applied is not applied again, whatever is said to be in it")
    func again() throws {
        try make(count: 3)
        let partition = try open()
        #expect(try partition.apply([Self.upsert("a")], epoch: 1).outcomes == [0: UpdateOutcome(inserted: 1)])
        for epoch in [1, 0, -5] {
            let applied = try partition.apply([Self.delete("a"), Self.upsert("b")], epoch: epoch)
            #expect(applied.outcomes.isEmpty && applied.change.rows.isEmpty && applied.change.replaced.isEmpty)
        }
        #expect(partition.count == 4 && partition.logPosition?.epoch == 1)
    }

    @Test("of several changes of an id the last counts, and each update is told what it did")
    func squashed() throws {
        try make(count: 2)
        let partition = try open()
        let changes = [
            Self.upsert("a", 1, update: 0), Self.upsert("p0", 2, update: 0), Self.delete("p1", update: 1),
            Self.delete("nobody", update: 2), Self.upsert("a", 3, update: 3), Self.upsert("p1", 4, update: 3),
            Self.delete("p0", update: 4), Self.upsert("gone", 5, update: 5), Self.delete("gone", update: 6),
        ]
        let applied = try partition.apply(changes, epoch: 1)
        #expect(
            applied.outcomes == [
                0: UpdateOutcome(inserted: 1, replaced: 1), 1: UpdateOutcome(deleted: 1), 2: UpdateOutcome(),
                3: UpdateOutcome(inserted: 1, replaced: 1), 4: UpdateOutcome(deleted: 1), 5: UpdateOutcome(inserted: 1),
                6: UpdateOutcome(deleted: 1),
            ])
        #expect(applied.change.rows == 2..<4 && applied.change.replaced == [0, 1])
        #expect(applied.change.vectors == Self.vector(3) + Self.vector(4))
        #expect(try partition.passages(rows: [2, 3]).map { $0?.id } == ["a", "p1"])
        #expect(try partition.row(of: "gone") == nil && partition.count == 2)
        // Ids that only look alike are different.
        let alike = try partition.apply([Self.upsert("é", 6), Self.upsert("e\u{301}", 7)], epoch: 2)
        #expect(alike.outcomes == [0: UpdateOutcome(inserted: 2)])
    }

    // MARK: Positions

    @Test("positions reach the disk with the next change, or when they are recorded")
    func positions() throws {
        try make(count: 2)
        do {
            let partition = try open()
            for epoch in 1...5 { _ = try partition.apply([], epoch: epoch) }
            _ = try partition.apply([Self.delete("nobody")], epoch: 6)
            #expect(partition.logPosition?.epoch == 6)
        }
        #expect(try open().logPosition?.epoch == 0)
        do {
            let partition = try open()
            for epoch in 1...5 { _ = try partition.apply([], epoch: epoch) }
            try partition.record(LogPosition(collection: collection, epoch: 7))
        }
        #expect(try open().logPosition == LogPosition(collection: collection, epoch: 7))
        #expect(try !open().wasChanged)
    }

    @Test("a partition goes neither back nor to another log, and leaves out no segment")
    func wrongPositions() throws {
        _ = try PartitionTests.make(at: path, count: 2, dimension: Self.dimension)
        let partition = try open()
        #expect(partition.logPosition == nil)
        #expect(refusal { _ = try partition.apply([], epoch: 1) }?.code == .failedPrecondition)
        try partition.record(LogPosition(collection: collection, epoch: 41))
        #expect(refusal { _ = try partition.apply([], epoch: 43) }?.code == .internal)
        _ = try partition.apply([], epoch: 42)
        let back = refusal { try partition.record(LogPosition(collection: collection, epoch: 41)) }
        #expect(back?.code == .failedPrecondition)
        let other = refusal { try partition.record(LogPosition(collection: .random(), epoch: 43)) }
        #expect(other?.code == .failedPrecondition && other?.message.contains("\(collection)") == true)
        #expect(partition.logPosition?.epoch == 42)
    }

    @Test("a position that is not readable is data loss")
    func damagedPosition() throws {
        try make(count: 2)
        for value in [[], [UInt8](repeating: 1, count: 23), [UInt8](repeating: 0xFF, count: 24)] as [[UInt8]] {
            do {
                let database = try Database(path: path, families: PartitionFormat.families, access: .readWrite)
                var batch = WriteBatch()
                batch.put(PartitionFormat.logKey, value, in: PartitionFormat.metadata, of: database)
                try database.write(batch, .synced)
            }
            #expect(refusal { _ = try open() }?.code == .dataLoss)
        }
    }

    // MARK: Refusals

    @Test("a segment that could not have been committed is data loss that names it, and nothing of it is applied")
    func invalid() throws {
        try make(count: 2)
        let partition = try open()
        let bad: [PassageChange] = [
            .upsert(Passage(id: "x", title: "", text: ""), vector: [BFloat16](repeating: BFloat16(1), count: 3)),
            .upsert(Passage(id: "x", title: "", text: ""), vector: [BFloat16](repeating: BFloat16(.nan), count: 4)),
            .upsert(Passage(id: "", title: "", text: ""), vector: Self.vector(1)),
        ]
        for change in bad {
            let refused = refusal {
                _ = try partition.apply([Self.upsert("a"), LoggedChange(update: 1, change)], epoch: 1)
            }
            #expect(refused?.code == .dataLoss && refused?.message.contains("segment 1 of the log") == true)
            #expect(partition.count == 2 && partition.logPosition?.epoch == 0)
        }
        #expect(try partition.apply([Self.upsert("a")], epoch: 1).outcomes[0]?.inserted == 1)
    }

    @Test("a full disk, a reader and a directory that was replaced refuse a segment, which can come again")
    func refused() throws {
        try make(count: 2)
        #expect(
            refusal { _ = try Partition(path: path).apply([], epoch: 1) }?.code == .failedPrecondition)
        let space = Mutex(ByteCount(1 << 40))
        do {
            let partition = try Partition(
                path: path, expecting: nil, access: .readWrite, cacheBytes: 1 << 20,
                availableSpace: { _ in space.withLock { $0 } })
            space.withLock { $0 = ByteCount(100 << 20) }
            #expect(refusal { _ = try partition.apply([Self.upsert("a")], epoch: 1) }?.code == .resourceExhausted)
            #expect(refusal { _ = try partition.checkpoint(to: directory.file("c")) }?.code == .resourceExhausted)
            #expect(partition.logPosition?.epoch == 0 && partition.count == 2)
            space.withLock { $0 = ByteCount(1 << 40) }
            #expect(try partition.apply([Self.upsert("a")], epoch: 1).outcomes[0]?.inserted == 1)
        }
        let partition = try open()
        try FileManager.default.moveItem(atPath: path, toPath: directory.file("aside"))
        try FileManager.default.copyItem(atPath: directory.file("aside"), toPath: path)
        #expect(refusal { _ = try partition.checkpoint(to: directory.file("c")) }?.code == .dataLoss)
        #expect(refusal { _ = try partition.apply([Self.upsert("b")], epoch: 2) }?.code == .failedPrecondition)
        #expect(partition.logPosition?.epoch == 1)
    }

    // MARK: In memory

    @Test("searches see a whole segment: what it adds and no more what it takes, by vectors and by words")
    func live() throws {
        try make(count: 40)
        let partition = try open()
        let live = try LivePartition(partition)
        var generator = SeededGenerator(seed: 5)
        for epoch in 1...40 { _ = try live.apply(Self.segment(&generator, epoch), epoch: epoch) }
        let last = [
            Self.upsert("beacon", 999), Self.delete("p3"), Self.upsert("p4", 3, update: 1),
            Self.delete("p5", update: 1),
        ]
        #expect(try live.apply(last, epoch: 41)[1]?.deleted ?? 0 <= 1)
        #expect(try live.apply(last, epoch: 41).isEmpty)
        let query = Self.vector(999).map(\.float)
        let best = try #require(try live.rows(query, k: 1).first?.first)
        #expect(try partition.passages(rows: [best])[0]?.id == "beacon")
        #expect(try partition.row(of: "p3") == nil && partition.row(of: "p5") == nil)
        // As a process that begins now has it.
        let fresh = try LivePartition(try Partition(path: path))
        #expect(try live.rows(query, k: 100) == fresh.rows(query, k: 100))
        let words = try #require(try live.searchWords("seed 999", count: 100, filter: nil, deadline: .never))
        let same = try #require(try fresh.searchWords("seed 999", count: 100, filter: nil, deadline: .never))
        #expect(words.hits.map(\.row) == same.hits.map(\.row) && words.statistics == same.statistics)
        #expect(words.hits.first?.row == best)
    }

    @Test("a segment of more passages than may be without a list comes in, and the next one waits for the lists")
    func largeSegment() throws {
        let test = try TestPartition(rows: 10, dimension: 2048, indexed: false)
        let partition = try test.open()
        try partition.record(LogPosition(collection: collection, epoch: 0))
        let live = try LivePartition(partition)
        let limit = LivePartition.flatHardLimit(dimension: 2048)
        let vector = [BFloat16](repeating: BFloat16(1), count: 2048)
        let many = (0..<(limit + 1)).map { number in
            LoggedChange(update: 0, .upsert(Passage(id: "n\(number)", title: "", text: "x"), vector: vector))
        }
        #expect(try live.apply(many, epoch: 1)[0]?.inserted == limit + 1)
        let refused = refusal { _ = try live.apply(Array(many.prefix(1)), epoch: 2) }
        #expect(refused?.code == .resourceExhausted && partition.logPosition?.epoch == 1)
        // A deletion needs no room.
        #expect(try live.apply([Self.delete("n0")], epoch: 2)[0]?.deleted == 1)
    }
}
