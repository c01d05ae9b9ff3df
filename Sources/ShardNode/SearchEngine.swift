public import Core
import PassageStore
import VectorIndex
public import Wire

/// One partition, as the shard needs it. The real one is `PartitionEngine`; tests bring their own.
public protocol SearchEngine: Sendable {
    var fingerprint: Fingerprint { get }
    /// Numbers of a vector.
    var dimension: Int { get }
    /// Passages.
    var count: Int { get }

    /// The best `k` passages of each query, best first; their ranks are their places. Blocks until it is done.
    ///
    /// - Parameter queries: `[n × dimension]`, finite.
    func search(_ queries: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [[ScoredPassage]]
}

/// A partition on the disk with an exact index of its vectors in memory.
struct PartitionEngine: SearchEngine {
    private let partition: Partition
    private let index: ExactIndex
    /// The row of each of the index's vectors, ascending.
    private let rows: [Int]

    var fingerprint: Fingerprint { partition.fingerprint }
    var dimension: Int { partition.dimension }
    var count: Int { partition.count }

    /// Reads all vectors into memory.
    init(_ partition: Partition) throws(ImpRAGError) {
        self.partition = partition
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        self.rows = rows
        index = try ExactIndex(dimension: partition.dimension, vectors: try partition.loadVectors())
    }

    func search(_ queries: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [[ScoredPassage]] {
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
}
