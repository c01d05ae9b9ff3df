public import Core
import PassageStore
import VectorIndex
public import Wire

/// One partition, as the shard needs it. The real one is `PartitionEngine`; tests bring their own.
///
/// Any thread may call it: searches run beside each other and beside one update at a time.
public protocol SearchEngine: Sendable {
    var fingerprint: Fingerprint { get }
    /// Numbers of a vector.
    var dimension: Int { get }
    /// Which partition it is, from 0: the one that `ShardRouting` gives its ids.
    var shard: Int { get }
    /// Partitions of the whole index.
    var shardCount: Int { get }
    /// Passages now.
    var count: Int { get }
    var figures: EngineFigures { get }

    /// The best `k` passages of each query, best first; their ranks are their places. Blocks until it is done.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - options: validated.
    /// - Throws: `deadlineExceeded`, and `dataLoss` naming the file when what it reads is damaged.
    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[ScoredPassage]]

    /// Takes passages in, instead of those with the same ids. On return they are durable, and every search that begins
    /// from now on finds them. Blocks; one update at a time.
    ///
    /// - Parameters:
    ///   - passages: of this partition, each id once.
    ///   - vectors: `[passages.count × dimension]`, finite.
    /// - Throws: `failedPrecondition` when the partition is open for reading only, `resourceExhausted` when the disk is
    ///   full; none of the passages has been taken then.
    func upsert(_ passages: [Passage], vectors: [Float]) throws(ImpRAGError) -> UpsertOutcome

    /// Takes passages out, for good: on return that is durable, and no search that begins from now on finds them.
    /// Blocks; one update at a time. Throws as `upsert` does.
    ///
    /// - Returns: how many were there.
    func delete(ids: [String]) throws(ImpRAGError) -> Int

    /// Ends background work. Nothing else is called afterwards.
    func stop()
}

/// A partition on the disk with an exact index of its vectors in memory.
struct PartitionEngine: SearchEngine {
    private let partition: Partition
    private let index: ExactIndex
    /// The row of each of the index's vectors, ascending.
    private let rows: [Int]

    var fingerprint: Fingerprint { partition.fingerprint }
    var dimension: Int { partition.dimension }
    var shard: Int { partition.shard }
    var shardCount: Int { partition.shardCount }
    var count: Int { partition.count }
    var figures: EngineFigures { EngineFigures(indexBytes: partition.vectorBytes) }

    /// Reads all vectors into memory.
    init(_ partition: Partition) throws(ImpRAGError) {
        self.partition = partition
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        self.rows = rows
        index = try ExactIndex(dimension: partition.dimension, vectors: try partition.loadVectors())
    }

    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[ScoredPassage]] {
        guard options.filter == nil else {
            throw ImpRAGError(.failedPrecondition, "this index keeps no metadata that a filter could ask for")
        }
        var results: [[ScoredPassage]] = []
        for hits in try index.search(queries, k: k, deadline: deadline) {
            try deadline.check("reading passages")
            let passages = try partition.passages(rows: hits.map { rows[$0.row] })
            results.append(
                zip(hits, passages).enumerated().compactMap { rank, found in
                    found.1.map { ScoredPassage(passage: $0, score: found.0.score, rank: rank) }
                })
        }
        return results
    }

    func upsert(_ passages: [Passage], vectors: [Float]) throws(ImpRAGError) -> UpsertOutcome { throw Self.isReadOnly }

    func delete(ids: [String]) throws(ImpRAGError) -> Int { throw Self.isReadOnly }

    func stop() {}

    private static let isReadOnly = ImpRAGError(.failedPrecondition, "this index is open for reading only")
}
