import Core
import Foundation
import ObjectStore
import Platform
import RocksDB
import TestSupport
import Testing
import Words

@testable import Storage

@Suite struct CheckpointTests {
    private let directory: TemporaryDirectory
    private let id = CollectionID.random()
    private let store: DirectoryStore
    private let collection: StoredCollection

    init() throws {
        directory = try TemporaryDirectory()
        store = try DirectoryStore(path: directory.file("store"))
        collection = StoredCollection(store)
    }

    // MARK: Making

    /// A partition of `count` passages at epoch 0, open for writing.
    private func make(_ name: String = "partition-0000", count: Int = 60) throws -> Partition {
        _ = try PartitionTests.make(at: directory.file(name), count: count)
        let partition = try open(name)
        try partition.record(LogPosition(collection: id, epoch: 0))
        return partition
    }

    private func open(_ name: String) throws -> Partition {
        try Partition(path: directory.file(name), access: .readWrite)
    }

    private func write(_ partition: Partition, pause: () throws(ImpRAGError) -> Void = {}) throws -> Checkpoint {
        try collection.writeCheckpoint(
            of: partition, scratch: directory.file("scratch"), deadline: .never, pause: pause)
    }

    private func restore(_ epoch: Int, _ name: String) throws -> Partition {
        try collection.restore(
            partition: 0, epoch: epoch, to: directory.file(name), deadline: .never
        ) { _, _ throws(ImpRAGError) in }
        return try open(name)
    }

    private func apply(_ numbers: Range<Int>, to partition: Partition, epoch: Int) throws {
        let changes = numbers.map { number in
            LoggedChange(
                update: 0,
                .upsert(
                    PartitionTests.passage(number),
                    vector: PartitionTests.vectors(number..<(number + 1), dimension: partition.dimension)))
        }
        _ = try partition.apply(changes, epoch: epoch)
    }

    private func manifest(_ checkpoint: Checkpoint, firstEpoch: Int = 1) throws -> IndexManifest {
        IndexManifest(
            collection: checkpoint.collection, firstEpoch: firstEpoch, fingerprint: "", model: "", dimension: 12,
            partitions: [
                IndexManifest.Partition(
                    directory: "partition-0000", passages: checkpoint.passages, checksum: "",
                    checkpoint: checkpoint.epoch)
            ],
            corpus: IndexManifest.Corpus(
                files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "", batchRows: 1,
                documents: 0, duplicates: 0, badLines: 0))
    }

    private func verify(_ checkpoint: Checkpoint) throws {
        try collection.verifyCheckpoint(0, of: manifest(checkpoint), deadline: .never)
    }

    private func key(_ epoch: Int, _ name: String) throws -> ObjectKey {
        try CollectionKey.checkpoint(partition: 0, epoch: epoch, name)
    }

    private func path(_ epoch: Int, _ name: String) throws -> String { "\(store.path)/\(try key(epoch, name))" }

    private func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    private func refusal(_ body: () throws -> Void) -> ImpRAGError? {
        #expect(throws: ImpRAGError.self) { try body() }
    }

    // MARK: Round trips

    @Test("a restored partition is the one that was checkpointed: passages, vectors, words, filters, epoch")
    func roundTrip() throws {
        let partition = try make()
        try apply(50..<90, to: partition, epoch: 1)
        _ = try partition.apply([], epoch: 2)
        let checksum = try partition.contentChecksum()
        let checkpoint = try write(partition)
        #expect(checkpoint.epoch == 2 && checkpoint.passages == 90 && checkpoint.partition == 0)
        #expect(checkpoint.byteCount > 0 && names(directory.path).filter { $0.hasPrefix("scratch") }.isEmpty)
        try apply(0..<10, to: partition, epoch: 3)
        var told: [Int] = []
        try collection.restore(
            partition: 0, epoch: 2, to: directory.file("back"), deadline: .never
        ) { done, total throws(ImpRAGError) in
            told.append(done)
            #expect(total == checkpoint.byteCount)
        }
        #expect(told.first == 0 && told.last == checkpoint.byteCount && told == told.sorted())
        let back = try open("back")
        #expect(back.logPosition == LogPosition(collection: id, epoch: 2))
        #expect(try back.contentChecksum() == checksum)
        #expect(try back.row(of: "p55") == 65)
        let words = try #require(
            try LivePartition(back).searchWords("title 7", count: 10, filter: nil, deadline: .never))
        #expect(try back.passages(rows: words.hits.map(\.row)).first??.id == "p7")
        // It goes on where it is, to the same contents.
        try apply(0..<10, to: back, epoch: 3)
        #expect(try back.contentChecksum() == partition.contentChecksum())
        #expect(names(directory.path).filter { $0.hasSuffix(".new") }.isEmpty)
    }

    @Test("searches of a restored partition find what they found before, lists and rows without a list")
    func searches() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let partition = try test.open()
        try partition.record(LogPosition(collection: id, epoch: 0))
        let live = try LivePartition(partition)
        let vectors = test.narrowVectors(100)
        let changes = (4450..<4550).enumerated().map { place, number in
            LoggedChange(
                update: 0,
                .upsert(
                    TestPartition.passage(number), vector: Array(vectors[(place * 16)..<((place + 1) * 16)])))
        }
        #expect(try live.apply(changes, epoch: 1)[0] == UpdateOutcome(inserted: 50, replaced: 50))
        let queries = test.vectors(100)
        let expected = try live.search(queries, k: 10, deadline: .never)
        _ = try write(partition)
        let back = try LivePartition(restore(1, "back"))
        #expect(try back.search(queries, k: 10, deadline: .never) == expected)
        #expect(back.coded == live.coded && back.unindexed == live.unindexed)
    }

    @Test("what a restored partition writes, flushes and compacts never reaches the store, nor what the source writes")
    func storeIsUntouched() throws {
        let source = try make()
        let checkpoint = try write(source)
        let folder = directory.file("store/checkpoint/0000/00000000000000000000")
        let files = names(folder)
        let before = try files.map { try Data(contentsOf: URL(filePath: path(0, $0))) }
        for (round, name) in ["one", "two", "three"].enumerated() {
            try churn(source, from: round * 3 + 1)
            try churn(try restore(0, name), from: 1)
            #expect(try open(name).logPosition?.epoch == 3)  // Opened once more: recovery writes too.
            try verify(checkpoint)
            #expect(names(folder) == files)
            #expect(try files.map { try Data(contentsOf: URL(filePath: path(0, $0))) } == before)
        }
    }

    private func churn(_ partition: Partition, from first: Int) throws {
        for epoch in first..<(first + 3) {
            try apply(0..<80, to: partition, epoch: epoch)
            try partition.flush()
        }
        for family in 0..<partition.database.familyCount { partition.database.compact(family, rewritesAll: true) }
    }

    @Test("tables are no second time on the disk: neither in the store nor in what is restored")
    func disk() throws {
        _ = try write(make(count: 20_000))
        // Closed: what an open database has reserved does not count.
        let path = directory.file("partition-0000")
        let alone = try diskBytes([path])
        _ = try restore(0, "back")
        let all = try diskBytes([path, store.path, directory.file("back")])
        #expect(Double(all) < 1.15 * Double(alone), "\(all) bytes, and the partition has \(alone)")
    }

    // MARK: Writing

    @Test("updates go on while a checkpoint is written, and are not in it")
    func updatesMeanwhile() throws {
        let partition = try make()
        try apply(60..<70, to: partition, epoch: 1)
        let checksum = try partition.contentChecksum()
        var epoch = 1
        let checkpoint = try write(partition) { () throws(ImpRAGError) in
            epoch += 1
            _ = try partition.apply(
                [LoggedChange(update: 0, .delete(id: "p\(epoch)"))], epoch: epoch)
        }
        #expect(epoch > 3 && checkpoint.epoch == 1 && checkpoint.passages == 70)
        #expect(try restore(1, "back").contentChecksum() == checksum)
    }

    @Test("one that was stopped anywhere is no checkpoint, leaves no scratch, and the next attempt completes it")
    func stopped() throws {
        let partition = try make()
        for stop in 1... {
            var calls = 0
            let result = Result { () throws(ImpRAGError) in
                try collection.writeCheckpoint(
                    of: partition, scratch: directory.file("scratch"), deadline: .never
                ) { () throws(ImpRAGError) in
                    calls += 1
                    if calls == stop { throw ImpRAGError(.cancelled, "stopped") }
                }
            }
            #expect(names(directory.path).filter { $0.hasPrefix("scratch") }.isEmpty)
            guard case .failure(let error) = result else { break }
            #expect(error.code == .cancelled)
            let none = refusal { _ = try collection.checkpoint(partition: 0, epoch: 0, deadline: .never) }
            #expect(none?.code == .dataLoss && none?.message.contains("contents.json is missing") == true)
        }
        #expect(try restore(0, "back").count == 60)
    }

    @Test("what is there whole stays as it is; what is damaged, lost or of another collection is written again")
    func again() throws {
        let partition = try make()
        let first = try write(partition)
        var calls = 0
        #expect(try write(partition) { () throws(ImpRAGError) in calls += 1 } == first)
        #expect(calls == 0)
        let contents = try path(0, Checkpoint.contentsName)
        let table = try #require(first.files.first { $0.isFinal })
        for damage in [
            { try Data("{}".utf8).write(to: URL(filePath: contents)) },
            { try FileManager.default.removeItem(atPath: self.path(0, table.objectName)) },
            {
                var other = first
                other.collection = CollectionID.random().description
                try Data(other.encoded(as: "x")).write(to: URL(filePath: contents))
            },
        ] as [() throws -> Void] {
            try damage()
            let written = try write(partition)
            #expect(written.collection == id.description)
            try verify(written)
        }
    }

    @Test("a second writer of the same checkpoint, however late, spoils nothing of the first's")
    func twoWriters() throws {
        let partition = try make()
        // The same contents by another way: other files under the same names.
        let replica = try make("replica", count: 60)
        try apply(0..<1, to: partition, epoch: 1)
        try apply(0..<1, to: replica, epoch: 1)
        replica.database.compact(PartitionFormat.passages, rewritesAll: true)
        var first: Checkpoint?
        var calls = 0
        let late = try write(replica) { () throws(ImpRAGError) in
            calls += 1
            guard calls == 3 else { return }
            // The second is paused in the middle, and the first does it all.
            first = try collection.writeCheckpoint(
                of: partition, scratch: directory.file("other"), deadline: .never
            ) { () throws(ImpRAGError) in }
        }
        #expect(late == first)
        try verify(late)
        #expect(try restore(1, "back").contentChecksum() == partition.contentChecksum())
    }

    @Test("a partition that follows no log, or was opened for reading, has no checkpoint")
    func refused() throws {
        _ = try PartitionTests.make(at: directory.file("none"), count: 3)
        #expect(refusal { _ = try write(open("none")) }?.code == .failedPrecondition)
        #expect(refusal { _ = try write(Partition(path: directory.file("none"))) }?.code == .failedPrecondition)
        #expect(names(store.path).isEmpty || names(store.path) == [".new"])
    }

    // MARK: Damage

    @Test("any object that is missing, cut or flipped is data loss that names it, and nothing is restored")
    func damaged() throws {
        let checkpoint = try write(try make())
        let objects = [Checkpoint.contentsName] + checkpoint.files.map(\.objectName)
        for object in objects {
            let file = URL(filePath: try path(0, object))
            let original = try Data(contentsOf: file)
            for damage in 0..<3 {
                // Not in place: the file may be the partition's too.
                try FileManager.default.removeItem(at: file)
                switch damage {
                case 0: break
                case 1: try original.dropLast(1).write(to: file)
                default:
                    var bytes = original
                    guard !bytes.isEmpty else { break }
                    bytes[bytes.count / 2] ^= 1
                    try bytes.write(to: file)
                }
                if original.isEmpty, damage == 1 { try Data([0]).write(to: file) }
                for error in [refusal { _ = try restore(0, "back") }, refusal { try verify(checkpoint) }] {
                    #expect(error?.code == .dataLoss && error?.message.contains(object) == true, "\(error as Any)")
                }
                #expect(names(directory.path).filter { $0.hasPrefix("back") }.isEmpty)
                try original.write(to: file)
            }
        }
        try verify(checkpoint)
        #expect(try restore(0, "back").count == 60)
    }

    @Test("contents that name what cannot be are refused before anything is read or written")
    func hostile() throws {
        let checkpoint = try write(try make(count: 3))
        let contents = URL(filePath: try path(0, Checkpoint.contentsName))
        func expectRefused(_ change: (inout Checkpoint) -> Void, _ what: String) throws {
            var bad = checkpoint
            change(&bad)
            try Data(bad.encoded(as: "x")).write(to: contents)
            let error = refusal { _ = try restore(0, "back") }
            #expect(error?.code == .dataLoss && error?.message.contains("contents.json") == true, "\(what)")
        }
        for name in ["../x", "a/b", ".hidden", "", "..", "é", String(repeating: "x", count: 65)] {
            try expectRefused({ $0.files[0].name = name }, name)
        }
        try expectRefused({ $0.files[0].bytes = -1 }, "bytes")
        try expectRefused({ $0.files[0].bytes = .max }, "bytes")
        try expectRefused({ $0.files[0].sha256 = "xy" }, "sha256")
        try expectRefused({ $0.files[1] = $0.files[0] }, "twice")
        try expectRefused({ $0.epoch = 1 }, "epoch")
        try expectRefused({ $0.partition = 1 }, "partition")
        try expectRefused({ $0.passages = -1 }, "passages")
        try expectRefused({ $0.collection = "00" }, "collection")
    }

    @Test("a restore does not replace what is there, and clears away what an interrupted one left")
    func target() throws {
        let partition = try make()
        _ = try write(partition)
        #expect(refusal { _ = try restore(0, "partition-0000") }?.code == .failedPrecondition)
        let left = directory.file("back.new")
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: left + "/000001.sst"))
        let stopped = refusal {
            try collection.restore(
                partition: 0, epoch: 0, to: directory.file("back"), deadline: .never
            ) { done, _ throws(ImpRAGError) in if done > 0 { throw ImpRAGError(.cancelled, "stopped") } }
        }
        #expect(stopped?.code == .cancelled && !names(directory.path).contains { $0.hasPrefix("back") })
        #expect(try restore(0, "back").count == 60)
    }

    // MARK: Removal

    @Test("older checkpoints and segments go, what counts and what is newer stays")
    func removal() throws {
        let partition = try make()
        var checkpoints = [try write(partition)]
        for epoch in 1...3 {
            try apply(60..<(60 + epoch), to: partition, epoch: epoch)
            checkpoints.append(try write(partition))
        }
        for epoch in 1...4 {
            _ = try store.put([UInt8(epoch)], as: CollectionKey.segment(epoch), if: .absent, deadline: .never)
        }
        // One that was never completed, and one of a partition that the manifest does not know.
        let orphan = try CollectionKey.checkpoint(partition: 0, epoch: 1, "CURRENT.0123")
        let foreign = try CollectionKey.checkpoint(partition: 7, epoch: 0, "contents.json")
        for key in [orphan, foreign] { _ = try store.put([1], as: key, if: .always, deadline: .never) }
        let manifest = try manifest(checkpoints[2], firstEpoch: 3)
        let count = checkpoints[0].files.count + checkpoints[1].files.count + 2 + 1 + 2
        #expect(try collection.removeUnneeded(manifest, deadline: .never) == count)
        #expect(try collection.removeUnneeded(manifest, deadline: .never) == 0)
        #expect(names("\(store.path)/checkpoint/0000").map { Int($0) } == [2, 3])
        #expect(names("\(store.path)/log").map { Int($0) } == [3, 4])
        #expect(try store.get(foreign, limit: 10, deadline: .never) != nil)
        for epoch in 2...3 { #expect(try restore(epoch, "back-\(epoch)").count == 60 + epoch) }
    }

    @Test("as long as the checkpoint that counts is not there, the older ones stay")
    func removalWithoutSuccessor() throws {
        let partition = try make()
        let first = try write(partition)
        try apply(60..<61, to: partition, epoch: 1)
        let second = try write(partition)
        try FileManager.default.removeItem(atPath: path(1, Checkpoint.contentsName))
        let refused = refusal { _ = try collection.removeUnneeded(manifest(second), deadline: .never) }
        #expect(refused?.code == .dataLoss)
        try verify(first)
    }
}
