import Core
import Foundation
import RocksDB
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// Upserts, deletions and filters of a partition that is served meanwhile.
@Suite struct PartitionChangeTests {
    private static let dimension = 4
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("partition-0000")
    }

    /// A partition of `count` passages from bulk indexing, closed.
    private func make(count: Int) throws {
        _ = try PartitionTests.make(at: path, count: count, dimension: Self.dimension)
    }

    private func open(_ access: Partition.Access = .readWrite) throws -> Partition {
        try Partition(path: path, access: access)
    }

    private func vector(_ seed: Int) -> [BFloat16] { (0..<Self.dimension).map { BFloat16(Float(seed * 8 + $0)) } }

    private func rows(_ set: RowSet) -> [Int] {
        var rows: [Int] = []
        set.forEach { rows.append($0) }
        return rows
    }

    private func refusal(_ body: () throws -> Void) -> ImpRAGError? {
        #expect(throws: ImpRAGError.self) { try body() }
    }

    @Test(
        "writes into a directory that is deleted, or replaced by a copy, are not acknowledged",
        arguments: [false, true])
    func deleted(isReplaced: Bool) throws {
        try make(count: 3)
        let partition = try open()
        let passage = Passage(id: "new", title: "", text: "x")
        _ = try partition.upsert([passage], vectors: vector(1))
        let copy = directory.file("copy")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.removeItem(atPath: path)
        if isReplaced { try FileManager.default.moveItem(atPath: copy, toPath: path) }
        let first = refusal { _ = try partition.upsert([passage], vectors: vector(2)) }
        #expect(first?.code == .dataLoss && first?.message.contains("deleted or replaced") == true)
        let next = refusal { _ = try partition.delete(ids: ["new"]) }
        #expect(next?.code == .failedPrecondition)
        #expect(partition.count == 4)
    }

    // MARK: Against a model

    /// What a partition should hold.
    private struct Model {
        var passages: [String: (passage: Passage, seed: Int, row: Int)] = [:]
        var dead: Set<Int> = []
        var limit = 0
    }

    private func check(_ partition: Partition, _ model: Model, _ generator: inout SeededGenerator) throws {
        let expected = model.passages.values.sorted { $0.row < $1.row }
        let live = expected.map(\.row)
        #expect(rows(partition.liveRows()) == live)
        #expect(partition.count == expected.count && partition.rowLimit == model.limit)
        #expect(try partition.passages(rows: live) == expected.map(\.passage))
        #expect(try partition.passages(rows: Array(model.dead)).allSatisfy { $0 == nil })
        #expect(try partition.vectors(rows: live) == expected.flatMap { vector($0.seed) })
        if let gone = model.dead.first {
            #expect(refusal { _ = try partition.vectors(rows: [gone]) }?.code == .notFound)
        }
        for entry in expected { #expect(try partition.row(of: entry.passage.id) == entry.row) }
        var scanned: [Int] = []
        let (first, end) = (model.limit / 3, model.limit - model.limit / 5)
        try partition.scanVectors(from: first, until: end) { row, bytes in
            scanned.append(row)
            return bytes.byteCount == Self.dimension * 2
        }
        #expect(scanned == live.filter { (first..<end).contains($0) })
        var lent: [Int] = []
        let asked = (0..<model.limit).map { model.limit - 1 - $0 } + [-1, model.limit + 100]
        #expect(try partition.withVectors(rows: asked) { place, _ in lent.append(asked[place]) } == live.count)
        #expect(lent == live.reversed())
        for _ in 0..<12 {
            let filter = FilterModel.filter(&generator)
            let matching = expected.filter { FilterModel.matches(filter, $0.passage.metadata) }.map(\.row)
            #expect(rows(try partition.rows(matching: filter)) == matching, "\(filter)")
        }
    }

    @Test(
        "through random changes, purges and reopenings a partition is what a dictionary says, filters included",
        arguments: [UInt64(11), 12, 13])
    func agreesWithModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try make(count: seed == 11 ? 0 : 100)
        var model = Model()
        model.limit = seed == 11 ? 0 : 100
        for row in 0..<model.limit { model.passages["p\(row)"] = (PartitionTests.passage(row), 0, row) }
        var opened: Partition? = try open()
        if model.limit > 0 {
            let partition = try #require(opened)
            let change = try partition.upsert(
                (0..<100).map(PartitionTests.passage), vectors: (0..<100).flatMap { vector($0) })
            #expect(change.rows == 100..<200 && change.replaced == Array(0..<100))
            model.dead = Set(0..<100)
            model.limit = 200
            for row in 0..<100 { model.passages["p\(row)"] = (PartitionTests.passage(row), row, row + 100) }
        }
        for step in 0..<120 {
            if step % 10 == 9 {
                opened = nil  // The former must be closed before another writer may come.
                opened = try open()
            }
            let partition = try #require(opened)
            switch Int.random(in: 0..<9, using: &generator) {
            case 0..<6:
                let seeds = (0..<Int.random(in: 0..<9, using: &generator)).map { step * 10 + $0 }
                let passages = seeds.map { seed in
                    Passage(
                        id: "p\(Int.random(in: 0..<60, using: &generator))", title: "t", text: "\(seed)",
                        metadata: FilterModel.metadata(&generator))
                }
                let change = try partition.upsert(passages, vectors: seeds.flatMap { vector($0) })
                // Of several with one id only the last has a row.
                let last = Dictionary(passages.enumerated().map { ($1.id, $0) }) { $1 }
                let counted = last.values.sorted()
                #expect(change.rows == model.limit..<(model.limit + counted.count))
                #expect(change.vectors == counted.flatMap { vector(seeds[$0]) })
                let replaced = counted.compactMap { model.passages[passages[$0].id]?.row }
                #expect(change.replaced == replaced.sorted())
                for (row, at) in zip(change.rows, counted) {
                    model.passages[passages[at].id] = (passages[at], seeds[at], row)
                }
                model.dead.formUnion(replaced)
                model.limit += counted.count
            case 6, 7:
                let ids = (0..<5).map { _ in "p\(Int.random(in: 0..<70, using: &generator))" }
                let gone = Set(ids).compactMap { model.passages.removeValue(forKey: $0)?.row }
                #expect(try partition.delete(ids: ids).replaced == gone.sorted())
                model.dead.formUnion(gone)
            default:
                try partition.purge(rows: model.dead.filter { _ in Bool.random(using: &generator) })
            }
            if step % 6 == 0 { try check(partition, model, &generator) }
        }
        try check(try #require(opened), model, &generator)
        try check(try open(.readOnly), model, &generator)
    }

    @Test("filters and tombstones hold across chunks of 65,536 rows")
    func chunks() throws {
        let count = 140_000
        do {
            let writer = try PartitionWriter(
                path: path, fingerprint: try PartitionTests.fingerprint(7), dimension: 1, number: 0, partitionCount: 1)
            for start in stride(from: 0, to: count, by: 20_000) {
                let batch = (start..<(start + 20_000)).map { row in
                    Passage(
                        id: "p\(row)", title: "", text: "x",
                        metadata: [
                            "row": .number(Number(Double(row / 10) - 7000)), "kind": .string(row % 7 == 0 ? "a" : "b"),
                        ])
                }
                try writer.append(batch, vectors: batch.map { _ in BFloat16(1) })
            }
            _ = try writer.finish()
        }
        let range = Filter.range(
            field: "row", lower: .init(-1000.5, isInclusive: true), upper: .init(6600, isInclusive: false))
        let kind = Filter.equals(field: "kind", .string("a"))
        let gone = [0, 65_534, 65_535, 65_536, 65_537, 131_072, count - 1]
        for isReopened in [false, true] {
            let partition = try open()
            if !isReopened {
                #expect(try partition.delete(ids: gone.map { "p\($0)" }).replaced == gone)
                try partition.purge(rows: [0, 65_535, 65_536, count - 1])
            }
            #expect(partition.count == count - gone.count)
            #expect(rows(try partition.rows(matching: range)) == (60_000..<136_000).filter { !gone.contains($0) })
            #expect(
                rows(try partition.rows(matching: .all([range, .not(kind)])))
                    == (60_000..<136_000).filter { !gone.contains($0) && $0 % 7 != 0 })
        }
    }

    // MARK: Refusals

    @Test("what cannot be stored is refused with the passage's id, all of it at once, and nothing is written")
    func invalid() throws {
        try make(count: 10)
        let partition = try open()
        let bad = [
            Passage(id: "nan", title: "", text: "x"), Passage(id: "fine", title: "", text: "x"),
            Passage(id: "meta", title: "", text: "x", metadata: ["f": .number(Number(.infinity)), "": .string("x")]),
            Passage(id: "", title: "", text: "x"),
        ]
        var vectors = (0..<4).flatMap { vector($0) }
        vectors[1] = BFloat16(.nan)
        let huge = refusal {
            _ = try partition.upsert(
                [Passage(id: "huge", title: "", text: "x")], vectors: vector(0).map { _ in BFloat16(3e38) })
        }
        #expect(huge?.code == .invalidArgument && huge?.message.contains("2^50") == true, "\(huge as Any)")
        let refused = refusal { _ = try partition.upsert(bad, vectors: vectors) }
        #expect(refused?.code == .invalidArgument)
        for part in ["passage nan holds nan at index 1", "passage meta", "finite", "passage 3 has 0 bytes"] {
            #expect(refused?.message.contains(part) == true, "\(part): \(refused as Any)")
        }
        vectors = vector(0)
        vectors[3] = BFloat16(-.infinity)
        #expect(refusal { _ = try partition.upsert([bad[1]], vectors: vectors) }?.message.contains("fine") == true)
        #expect(refusal { _ = try partition.upsert([bad[1]], vectors: []) }?.code == .invalidArgument)
        #expect(refusal { try partition.purge(rows: [3]) }?.code == .invalidArgument)
        #expect(refusal { try partition.purge(rows: [10]) }?.code == .invalidArgument)
        #expect(refusal { _ = try partition.rows(matching: .equals(field: "", .number(1))) }?.code == .invalidArgument)
        #expect(partition.count == 10 && partition.rowLimit == 10 && !partition.wasChanged)
    }

    @Test("a partition has one writer, and readers do not write")
    func oneWriter() throws {
        try make(count: 10)
        let writer = try open()
        #expect(refusal { _ = try open() }?.code == .failedPrecondition)
        let reader = try open(.readOnly)
        #expect(refusal { _ = try reader.delete(ids: ["p1"]) }?.code == .failedPrecondition)
        #expect(try writer.delete(ids: ["p1"]).replaced == [1])
        #expect(reader.count == 10)
        #expect(refusal { try make(count: 20) }?.code == .failedPrecondition)
    }

    @Test("what was changed cannot be filled in bulk any more")
    func bulkAfterChange() throws {
        try make(count: 10)
        #expect(try open().delete(ids: ["p1"]).replaced == [1])
        #expect(refusal { try make(count: 20) }?.message.contains("was changed after") == true)
    }

    @Test("a full disk refuses a change with figures and loses nothing, and the same change works when there is space")
    func fullDisk() throws {
        try make(count: 10)
        let space = Mutex(ByteCount(1 << 40))
        let partition = try Partition(
            path: path, expecting: nil, access: .readWrite, cacheBytes: 1 << 20,
            availableSpace: { _ in space.withLock { $0 } })
        space.withLock { $0 = ByteCount(100 << 20) }
        let more = Passage(id: "more", title: "", text: "x", metadata: ["f": .string("v")])
        let refused = refusal { _ = try partition.upsert([more], vectors: vector(1)) }
        #expect(refused?.code == .resourceExhausted && refused?.message.contains("100.0 MiB left") == true)
        #expect(refusal { _ = try partition.delete(ids: ["p1"]) }?.code == .resourceExhausted)
        #expect(partition.count == 10 && partition.rowLimit == 10)
        #expect(try partition.rows(matching: .equals(field: "f", .string("v"))).count == 0)
        space.withLock { $0 = ByteCount(1 << 40) }
        #expect(try partition.upsert([more], vectors: vector(1)).rows == 10..<11)
        #expect(try partition.rows(matching: .equals(field: "f", .string("v"))).count == 1)
    }

    @Test("a partition is not opened for writing on a disk without room for that, where RocksDB would end the process")
    func opensOnFullDisk() throws {
        try make(count: 10)
        func open(_ access: Partition.Access) throws -> Partition {
            try Partition(
                path: path, expecting: nil, access: access, cacheBytes: 1 << 20,
                availableSpace: { _ in ByteCount(10 << 20) })
        }
        let refused = refusal { _ = try open(.readWrite) }
        #expect(refused?.code == .resourceExhausted)
        #expect(refused?.message.contains("10.0 MiB left, and to open it for writing needs 64.0 MiB") == true)
        #expect(try open(.readOnly).count == 10)
    }

    @Test("after a failed write nothing is written any more, and everything is still read")
    func failedWrite() throws {
        try make(count: 10)
        let partition = try open()
        partition.writer.withLock {
            $0.failure = RocksDBError(call: "rocksdb_write", path: path, message: "IO error: No space left on device")
        }
        let refused = refusal { _ = try partition.delete(ids: ["p1"]) }
        #expect(refused?.code == .failedPrecondition && refused?.description.contains("No space left") == true)
        #expect(refusal { try partition.removeIndex(generation: 1) }?.code == .failedPrecondition)
        #expect(try partition.passages(rows: [1]) == [PartitionTests.passage(1)])
    }

    // MARK: Crashes and damage

    @Test("wherever the log was torn, a partition opens with a whole number of changes, in order")
    func tornLog() throws {
        try make(count: 20)
        let log: String
        do {
            let partition = try open()
            for step in 0..<12 {
                _ = try partition.upsert(
                    (0..<3).map {
                        Passage(
                            id: "p\($0)", title: "", text: "\(step)", metadata: ["step": .number(Number(Double(step)))])
                    },
                    vectors: (0..<3).flatMap { vector(step * 3 + $0) })
            }
            // A copy of the files is what a killed process leaves.
            try FileManager.default.copyItem(atPath: path, toPath: directory.file("killed"))
            let logs = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".log") }
            log = try #require(logs.max())
        }
        let bytes = try Data(contentsOf: URL(filePath: directory.file("killed") + "/" + log))
        let end = try #require(bytes.lastIndex { $0 != 0 }) + 1  // What follows was only reserved.
        var generator = SeededGenerator(seed: 8)
        var seen: Set<Int> = []
        for round in 0..<30 {
            let copy = directory.file("torn-\(round)")
            try FileManager.default.copyItem(atPath: directory.file("killed"), toPath: copy)
            let length = round == 0 ? bytes.count : Int.random(in: 0...end, using: &generator)
            try bytes.prefix(length).write(to: URL(filePath: copy + "/" + log))
            let partition = try Partition(path: copy, access: .readWrite)
            let steps = (partition.rowLimit - 20) / 3
            seen.insert(steps)
            #expect(partition.rowLimit == 20 + 3 * steps && partition.count == 20)
            if round == 0 { #expect(steps == 12) }
            guard steps > 0 else { continue }
            let rows = Array((partition.rowLimit - 3)..<partition.rowLimit)
            #expect(try partition.passages(rows: rows).map { $0?.text } == rows.map { _ in "\(steps - 1)" })
            #expect(try partition.vectors(rows: rows) == (0..<3).flatMap { vector((steps - 1) * 3 + $0) })
            #expect(self.rows(try partition.rows(matching: .range(field: "step", lower: nil, upper: nil))) == rows)
        }
        #expect(seen.count > 3)
    }

    @Test("a flipped bit in the log of recent writes is data loss that names the log, and no write is forgotten for it")
    func damagedLog() throws {
        try make(count: 10)
        let partition = try open()
        for step in 0..<20 { _ = try partition.upsert([PartitionTests.passage(step)], vectors: vector(step)) }
        let copy = directory.file("copy")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let logs = try FileManager.default.contentsOfDirectory(atPath: copy).filter { $0.hasSuffix(".log") }
        let log = copy + "/" + (try #require(logs.max()))
        var bytes = try Data(contentsOf: URL(filePath: log))
        let end = try #require(bytes.lastIndex { $0 != 0 })  // What follows was only reserved.
        bytes[end / 2] = bytes[end / 2] ^ 4
        try bytes.write(to: URL(filePath: log))
        let refused = refusal { _ = try Partition(path: copy, access: .readWrite) }
        #expect(refused?.code == .dataLoss, "\(refused as Any)")
        #expect(refused?.message.contains(".log") == true, "\(refused as Any)")
        #expect(refusal { _ = try Partition(path: copy, access: .readOnly) }?.code == .dataLoss)
    }

    @Test("damaged postings, tombstones and index keys are data loss; a damaged posting refuses what would change it")
    func damage() throws {
        func put(_ key: [UInt8], _ value: [UInt8], _ family: Int) throws {
            let database = try Database(path: path, families: PartitionFormat.families, access: .readWrite)
            var batch = WriteBatch()
            batch.put(key, value, in: family, of: database)
            try database.write(batch, .synced)
        }
        try make(count: 10)
        let passage = Passage(id: "x", title: "", text: "x", metadata: ["f": .string("v")])
        #expect(try open().upsert([passage], vectors: vector(1)).rows == 10..<11)
        let key = MetadataTerm(field: "f", string: "v").bytes + PartitionFormat.shortKey(0)
        for value in [[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 64)] as [[UInt8]] {
            try put(key, value, PartitionFormat.postings)
            let partition = try open()
            let refused = refusal { _ = try partition.rows(matching: .equals(field: "f", .string("v"))) }
            #expect(refused?.code == .dataLoss && refused?.message.contains(path) == true)
            #expect(refusal { _ = try partition.upsert([passage], vectors: vector(1)) }?.code == .dataLoss)
            #expect(try partition.row(of: "x") == 10 && partition.rowLimit == 11)
        }
        try put(PartitionFormat.key(3), [1, 2], PartitionFormat.vectors)
        for body in [
            { try $0.withVectors(rows: [2, 3, 4]) { _, _ in } },
            { try $0.scanVectors(from: 0, until: 9) { _, _ in true } },
        ] as [(Partition) throws -> Void] {
            let refused = refusal { try body(try open(.readOnly)) }
            #expect(refused?.code == .dataLoss && refused?.message.contains("row 3") == true)
        }
        do {
            let database = try Database(path: path, families: PartitionFormat.families, access: .readWrite)
            var batch = WriteBatch()
            batch.delete(PartitionFormat.key(3), in: PartitionFormat.vectors, of: database)
            batch.delete(PartitionFormat.key(3), in: PartitionFormat.passages, of: database)
            try database.write(batch, .synced)
        }
        for body in [
            { try $0.withVectors(rows: [2, 3, 4]) { _, _ in } },
            { try $0.scanVectors(from: 3, until: 4) { _, _ in true } },
            { try $0.scanVectors(from: 0, until: 9) { _, _ in true } }, { _ = try $0.passages(rows: [3]) },
        ] as [(Partition) throws -> Void] {
            let refused = refusal { try body(try open(.readOnly)) }
            #expect(refused?.code == .dataLoss && refused?.message.contains("row 3") == true)
        }
        try put([0, 0, 0, 1, 1], [1], PartitionFormat.index)
        #expect(refusal { try open().scanIndexBlocks(generation: 1) { _, _ in true } }?.code == .dataLoss)
        try put(PartitionFormat.tombstoneKey(11), [], PartitionFormat.deleted)
        #expect(refusal { _ = try open(.readOnly) }?.code == .dataLoss)
    }

    @Test("a partition of another layout is refused in words")
    func otherLayout() throws {
        do {
            let old = [
                ColumnFamily("default"), ColumnFamily("passages"), ColumnFamily("ids"), ColumnFamily("vectors"),
            ]
            _ = try Database(path: path, families: old, access: .create)
        }
        for access in [Partition.Access.readOnly, .readWrite] {
            let refused = refusal { _ = try open(access) }
            #expect(refused?.code == .failedPrecondition, "\(refused as Any)")
            #expect(refused?.message.contains("index the corpus again") == true)
        }
    }

    // MARK: Beside each other

    @Test("whoever reads while passages are replaced and purged finds each row whole or gone")
    func readersAndWriter() throws {
        try make(count: 64)
        let partition = try open()
        let isDone = Atomic(false)
        let problems = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 3) { thread in
            do {
                if thread == 0 {
                    defer { isDone.store(true, ordering: .relaxed) }
                    for step in 0..<150 {
                        let passages = (0..<16).map { PartitionTests.passage((step * 16 + $0) % 64) }
                        let change = try partition.upsert(passages, vectors: passages.flatMap { _ in vector(step) })
                        try partition.purge(rows: change.replaced)
                    }
                }
                while !isDone.load(ordering: .relaxed) {
                    let live = rows(partition.liveRows())
                    let found = try partition.passages(rows: live)
                    var sums: [Int] = []
                    let count = try partition.withVectors(rows: live) { place, _ in sums.append(place) }
                    try partition.scanVectors(from: 0, until: partition.rowLimit) { _, _ in true }
                    if live.count != 64 || count != sums.count || found.count != 64 {
                        problems.withLock { $0.append("\(live.count) live rows") }
                    }
                }
            } catch {
                problems.withLock { $0.append("\(error)") }
            }
        }
        #expect(problems.withLock { $0 } == [])
    }
}
