import Core
import Foundation
import ObjectStore
import Storage
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Indexing

/// What a finished index holds as a collection: checkpoints at the start of its log.
@Suite struct IndexCheckpointTests: IndexMaking {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func build(_ options: IndexOptions) throws -> IndexReport {
        try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
    }

    @Test("a finished index has its partitions at epoch 0 of one collection, with a checkpoint of each")
    func checkpoints() throws {
        let options = options([try corpus(count: 900)], "index")
        _ = try build(options)
        let index = try IndexDirectory(path: options.directory)
        #expect(index.manifest.firstEpoch == 1)
        let collection = StoredCollection(try DirectoryStore(path: options.directory))
        for (number, entry) in index.manifest.partitions.enumerated() {
            let partition = try index.partition(number)
            #expect(entry.checkpoint == 0)
            #expect(partition.logPosition?.collection.description == index.manifest.collection)
            #expect(partition.logPosition?.epoch == 0 && !partition.wasChanged)
            let checkpoint = try collection.checkpoint(partition: number, epoch: 0, deadline: .never)
            #expect(checkpoint.passages == entry.passages && checkpoint.collection == index.manifest.collection)
            let path = options.directory + "/" + entry.directory
            try FileManager.default.removeItem(atPath: path)
            try collection.restore(
                partition: number, epoch: 0, to: path, deadline: .never
            ) { _, _ throws(ImpRAGError) in }
            #expect(try index.partition(number).contentChecksum().description == entry.checksum)
        }
        try index.verify()
    }

    @Test("a fresh index takes at most 1.15 times the disk of its partitions")
    func disk() throws {
        let options = options([try corpus(count: 30_000)], "index", partitions: 2)
        _ = try build(options)
        let partitions = try (0..<2).reduce(0) {
            try $0 + diskBytes([options.directory + "/" + IndexDirectory.partitionName($1)])
        }
        let all = try diskBytes([options.directory])
        #expect(Double(all) <= 1.15 * Double(partitions), "\(all) bytes, and the partitions have \(partitions)")
    }

    @Test("a run that is stopped among its checkpoints goes on to the same index, and nothing is left of the first try")
    func stopped() throws {
        let options = options([try corpus(count: 900)], "index")
        let isStopped = Mutex(false)
        let builder = IndexBuilder(
            options: options, embedder: try TestEmbedder(),
            monitor: RunMonitor(isCancelled: { isStopped.withLock { $0 } }) { progress in
                if progress.phase == .checkpoints { isStopped.withLock { $0 = true } }
            })
        let error = #expect(throws: ImpRAGError.self) { try builder.run() }
        #expect(error?.code == .cancelled, "\(error as Any)")
        #expect(throws: ImpRAGError.self) { try IndexDirectory(path: options.directory) }
        let before = try Partition(path: options.directory + "/partition-0000").logPosition
        #expect(before?.epoch == 0)
        #expect(try build(options).embedded == 0)
        let index = try IndexDirectory(path: options.directory)
        #expect(index.manifest.collection == before?.collection.description)
        try index.verify()
        let left = try FileManager.default.contentsOfDirectory(atPath: options.directory).sorted()
        #expect(
            left == [
                ".lock", ".new", "checkpoint", "corpus.json", "lock", "manifest.json", "partition-0000",
                "partition-0001", "partition-0002",
            ])
    }

    /// Makes the index, and stops among its checkpoints.
    private func stop(_ options: IndexOptions, embedder: TestEmbedder) throws {
        let isStopped = Mutex(false)
        let builder = IndexBuilder(
            options: options, embedder: embedder,
            monitor: RunMonitor(isCancelled: { isStopped.withLock { $0 } }) { progress in
                // Some are written by then.
                if progress.phase == .checkpoints, progress.done > 0 { isStopped.withLock { $0 = true } }
            })
        let error = #expect(throws: ImpRAGError.self) { try builder.run() }
        #expect(error?.code == .cancelled, "\(error as Any)")
    }

    @Test("a run that goes on with another size of codes puts it into every checkpoint")
    func otherCodes() throws {
        var options = options([try corpus(count: 900)], "index", partitions: PartitionFiller.openingThreads + 1)
        options.vectorIndex.codeSize = .bytes32
        try stop(options, embedder: TestEmbedder())
        let store = try DirectoryStore(path: options.directory)
        #expect(try !store.list("checkpoint/0000/", after: nil, limit: 10, deadline: .never).isEmpty)
        options.vectorIndex.codeSize = .bytes64
        _ = try build(options)
        #expect(try IndexDirectory(path: options.directory).manifest.codeBytes == 64)
        try expectWhole(options) { partition in
            let size = try partition.codeSize()
            #expect(size == .bytes64)
        }
    }

    @Test("a run that goes on with another recall makes vector indexes anew that were made, also in checkpoints")
    func otherRecall() throws {
        // Of so many numbers more than 2048 vectors need an index.
        let embedder = try TestEmbedder(dimension: 2048)
        var options = options(
            [try corpus(count: 2150)], "index", partitions: 1)
        options.vectorIndex = VectorIndexOptions(recall: 0.8, threads: 2)
        let isStopped = Mutex(false)
        let builder = IndexBuilder(
            options: options, embedder: embedder,
            monitor: RunMonitor(isCancelled: { isStopped.withLock { $0 } }) { progress in
                if progress.phase == .words { isStopped.withLock { $0 = true } }
            })
        #expect(throws: ImpRAGError.self) { try builder.run() }
        #expect(try Partition(path: options.directory + "/partition-0000").indexHeader()?.target == 0.8)
        options.vectorIndex = VectorIndexOptions(recall: 0.7, threads: 2, codeSize: .bytes64)
        _ = try IndexBuilder(options: options, embedder: embedder).run()
        try expectWhole(options) { partition in
            let header = try partition.indexHeader()
            #expect(header?.target == 0.7 && header?.generation == 2)
            let sizes = (try partition.codeSize(), try partition.indexedCodeSize())
            #expect(sizes.0 == .bytes64 && sizes.1 == .bytes64)
        }
    }

    /// Nothing is damaged or left over, and `check` holds of every partition and of what its checkpoint brings back.
    private func expectWhole(_ options: IndexOptions, _ check: (Partition) throws -> Void) throws {
        let collection = StoredCollection(try DirectoryStore(path: options.directory))
        var verifier = CollectionVerifier(collection, deadline: .never) { _, _ throws(ImpRAGError) in }
        let report = try verifier.run()
        #expect(report.problems == [] && report.orphans.count == 0, "\(report.orphanKeys)")
        let index = try IndexDirectory(path: options.directory)
        for number in index.manifest.partitions.indices {
            try check(index.partition(number))
            let replica = directory.file("replica-\(number)")
            try collection.restore(partition: number, epoch: 0, to: replica, deadline: .never) {
                _, _ throws(ImpRAGError) in
            }
            try check(Partition(path: replica))
        }
    }

    @Test("an index that is replaced leaves nothing of its log and checkpoints, and is another collection")
    func replaced() throws {
        var options = options([try corpus(count: 300)], "index")
        _ = try build(options)
        let former = try IndexDirectory(path: options.directory).manifest.collection
        let store = try DirectoryStore(path: options.directory)
        let claim = try ObjectKey("claim/checkpoint-0000")
        _ = try store.put([1], as: claim, if: .always, deadline: .never)
        for name in ["partition-0001.new", "partition-0002.checkpoint.tmp"] {
            try FileManager.default.createDirectory(
                atPath: options.directory + "/" + name, withIntermediateDirectories: true)
        }
        options.partitionCount = 1
        options.replacesExisting = true
        _ = try build(options)
        #expect(try IndexDirectory(path: options.directory).manifest.collection != former)
        let left = try FileManager.default.contentsOfDirectory(atPath: options.directory).sorted()
        #expect(left == [".lock", ".new", "checkpoint", "corpus.json", "lock", "manifest.json", "partition-0000"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: options.directory + "/checkpoint") == ["0000"])
    }

    @Test("updates that only checkpoints hold are not dropped unasked either")
    func updatesInCheckpoints() throws {
        var options = options([try corpus(count: 300)], "index")
        _ = try build(options)
        let collection = StoredCollection(try DirectoryStore(path: options.directory))
        _ = try collection.update(deadline: .never) { manifest in
            for number in manifest.partitions.indices { manifest.partitions[number].checkpoint = 3 }
            manifest.firstEpoch = 4
        }
        options.replacesExisting = true
        let refused = #expect(throws: ImpRAGError.self) { try build(options) }
        #expect(refused?.message.contains("its checkpoints hold some") == true, "\(refused as Any)")
    }

    @Test("a segment in the log is an update, whether a partition has applied it or not")
    func segments() throws {
        var options = options([try corpus(count: 300)], "index")
        _ = try build(options)
        let store = try DirectoryStore(path: options.directory)
        let segment = try ObjectKey("log/00000000000000000001")
        _ = try store.put([1], as: segment, if: .absent, deadline: .never)
        options.replacesExisting = true
        func refusal() -> ImpRAGError? { #expect(throws: ImpRAGError.self) { try build(options) } }
        let refused = refusal()
        #expect(refused?.code == .failedPrecondition && refused?.message.contains("its log has segments") == true)
        // Also where somebody has lost the rest.
        for name in ["manifest.json", "partition-0000", "partition-0001", "partition-0002"] {
            try FileManager.default.removeItem(atPath: options.directory + "/" + name)
        }
        #expect(refusal()?.message.contains("--discard-updates") == true)
        options.replacesExisting = false
        #expect(refusal()?.message.contains("or a log") == true)
        options.replacesExisting = true
        options.discardsUpdates = true
        #expect(try build(options).passages > 0)
        #expect(try store.get(segment, limit: 10, deadline: .never) == nil)
    }
}
