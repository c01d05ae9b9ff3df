public import Core
internal import Foundation
public import ObjectStore
internal import Platform
internal import Storage

/// Measures the log of a collection in a store: commits, applying them to a partition, checkpoints, and bringing a
/// replica back.
public struct LogBenchmark {
    /// Milliseconds of single operations.
    public struct Latencies: Sendable {
        public let count: Int
        public let p50: Double
        public let p99: Double
    }

    public struct Figures: Sendable {
        /// Commits of one passage, one after the other.
        public var commits: Latencies
        /// The same with as many passages as an update of `imprag upsert` carries.
        public var batchCommits: Latencies
        /// Passages a second that are committed and applied, one batch after the other.
        public var passagesPerSecond: Double
        /// Of the partition that was brought back.
        public var rows: Int
        public var bytes: ByteCount
        public var checkpointSeconds: Double
        /// Downloading, checking, opening, and reading the index.
        public var restoreSeconds: Double
    }

    /// Passages of an update of `imprag upsert`.
    public static let batchPassages = 64

    private let store: any ObjectStore
    private let scratch: String
    private let dimension: Int
    private let fingerprint: Fingerprint

    /// - Parameters:
    ///   - store: holds nothing else; what is measured stays there.
    ///   - scratch: a new directory for replicas.
    ///   - dimension: numbers of a vector.
    public init(_ store: any ObjectStore, scratch: String, dimension: Int) throws(ImpRAGError) {
        guard let fingerprint = Fingerprint(bytes: [UInt8](repeating: 0, count: 32)) else {
            throw ImpRAGError(.internal, "32 bytes are no fingerprint")
        }
        self.store = store
        self.scratch = scratch
        self.dimension = dimension
        self.fingerprint = fingerprint
    }

    /// - Parameters:
    ///   - rows: of the partition, with random vectors: bytes are what counts.
    ///   - seconds: how long each kind of commit is measured.
    ///   - report: told what is done next.
    /// - Throws: what the store and the partition throw.
    public func run(rows: Int, seconds: Double, report: (String) -> Void) throws(ImpRAGError) -> Figures {
        report("making a partition of \(rows) passages")
        let collection = StoredCollection(store)
        let position = LogPosition(collection: .random(), epoch: 0)
        let path = scratch + "/partition-0000"
        try fill(path, rows: rows)
        let partition = try Partition(path: path, access: .readWrite)
        if try IndexConstruction.isNeeded(for: partition) {
            let threads = ProcessInfo.processInfo.activeProcessorCount
            _ = try IndexConstruction(partition, target: LivePartition.defaultTarget, threads: threads).run(
                generation: 1, tick: { _, _, _ in })
        }
        let live = try LivePartition(partition)
        try partition.record(position)
        report("writing its checkpoint")
        var written: Checkpoint?
        let checkpointSeconds = try time { () throws(ImpRAGError) in
            written = try collection.writeCheckpoint(
                of: live.partition, scratch: scratch + "/checkpoint", deadline: .never, pause: {})
        }
        let manifest = try collection.write(manifest(position.collection, rows: rows), deadline: .never)
        let log = CollectionLog(collection, manifest)
        report("committing")
        var number = 0
        func changes(_ count: Int) -> LogUpdate {
            number += count
            return LogUpdate((number - count..<number).map { .upsert(passage($0), vector: vector($0)) })
        }
        let commits = try latencies(seconds) { () throws(ImpRAGError) in
            _ = try log.commit([changes(1)], deadline: .never)
        }
        let batchCommits = try latencies(seconds) { () throws(ImpRAGError) in
            _ = try log.commit([changes(Self.batchPassages)], deadline: .never)
        }
        report("applying \(commits.count + batchCommits.count) epochs")
        var epoch = 0
        func applyNext() throws(ImpRAGError) -> Bool {
            guard let entry = try log.entry(epoch + 1, partitions: [0], deadline: .never) else { return false }
            epoch += 1
            _ = try live.apply(entry.changes[0] ?? [], epoch: epoch)
            return true
        }
        while try applyNext() {}
        report("committing and applying")
        let both = try latencies(seconds) { () throws(ImpRAGError) in
            _ = try log.commit([changes(Self.batchPassages)], deadline: .never)
            _ = try applyNext()
        }
        report("bringing the partition back from its checkpoint")
        let restoreSeconds = try time { () throws(ImpRAGError) in
            try collection.restore(partition: 0, epoch: 0, to: scratch + "/again", deadline: .never) { _, _ in }
            _ = try LivePartition(Partition(path: scratch + "/again", access: .readWrite))
        }
        return Figures(
            commits: commits, batchCommits: batchCommits,
            passagesPerSecond: Double(both.count * Self.batchPassages) / seconds, rows: rows,
            bytes: ByteCount(written?.byteCount ?? 0), checkpointSeconds: checkpointSeconds,
            restoreSeconds: restoreSeconds)
    }

    // MARK: Data

    private func fill(_ path: String, rows: Int) throws(ImpRAGError) {
        let writer = try PartitionWriter(
            path: path, fingerprint: fingerprint, dimension: dimension, number: 0, partitionCount: 1, words: nil)
        let step = 4096
        for first in stride(from: 0, to: rows, by: step) {
            let numbers = first..<min(first + step, rows)
            try writer.append(
                numbers.map { passage(-1 - $0) }, vectors: numbers.flatMap { vector(-1 - $0) })
        }
        _ = try writer.finish()
    }

    /// About as long as the passages of an encyclopedia.
    private func passage(_ number: Int) -> Passage {
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(number)))
        let words = (0..<100).map { _ in String(generator.next() % 50_000, radix: 36) }
        return Passage(id: "passage \(number)", title: "Passage \(number)", text: words.joined(separator: " "))
    }

    private func vector(_ number: Int) -> [BFloat16] {
        var generator = SplitMix64(seed: UInt64(bitPattern: Int64(number)))
        return (0..<dimension).map { _ in BFloat16(Float(Int16(truncatingIfNeeded: generator.next())) / 32768) }
    }

    private func manifest(_ collection: CollectionID, rows: Int) -> IndexManifest {
        IndexManifest(
            collection: collection.description, fingerprint: fingerprint.description, model: "none",
            dimension: dimension,
            partitions: [IndexManifest.Partition(directory: "partition-0000", passages: rows, checksum: "")],
            corpus: IndexManifest.Corpus(
                files: [], formatName: nil, wordsPerPassage: 0, skipsBadLines: false, arithmetic: "none", batchRows: 1,
                documents: rows, duplicates: 0, badLines: 0))
    }

    // MARK: Time

    private func time(_ body: () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func latencies(
        _ seconds: Double, _ body: () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> Latencies {
        // The first one opens what the others find open.
        try body()
        var all: [Double] = []
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end { all.append(1000 * (try time(body))) }
        all.sort()
        return Latencies(count: all.count, p50: all[all.count / 2], p99: all[all.count * 99 / 100])
    }
}
