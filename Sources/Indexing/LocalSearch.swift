public import Core
public import PassageStore
import VectorIndex

/// Every partition of an index in one process: exact search without a cluster. Immutable; shared by all threads.
public final class LocalSearch: Sendable {
    /// A found passage and the inner product that found it.
    public struct Found: Sendable {
        public let passage: Passage
        public let score: Float
    }

    /// - `rows`: the row of each of the index's vectors, ascending.
    private let shards: [(partition: Partition, rows: [Int], index: ExactIndex)]

    /// Loads the vectors of all partitions into memory.
    public init(_ directory: IndexDirectory) throws(ImpRAGError) {
        var shards: [(Partition, [Int], ExactIndex)] = []
        for shard in 0..<directory.shardCount {
            let partition = try directory.partition(shard)
            var rows: [Int] = []
            partition.liveRows().forEach { rows.append($0) }
            shards.append(
                (partition, rows, try ExactIndex(dimension: partition.dimension, vectors: try partition.loadVectors())))
        }
        self.shards = shards
    }

    /// The best `k` passages of the whole index, best first; equal scores by shard, then by row.
    ///
    /// - Parameter query: `[dimension]`.
    public func search(_ query: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [Found] {
        var hits: [(shard: Int, hit: Hit)] = []
        for (shard, entry) in shards.enumerated() {
            hits += try entry.index.search(query, k: k, deadline: deadline)[0].map { (shard, $0) }
        }
        hits.sort { ($1.hit.score, $0.shard, $0.hit.row) < ($0.hit.score, $1.shard, $1.hit.row) }
        var found: [Found] = []
        for (shard, hit) in hits.prefix(k) {
            let row = shards[shard].rows[hit.row]
            for case let passage? in try shards[shard].partition.passages(rows: [row]) {
                found.append(Found(passage: passage, score: hit.score))
            }
        }
        return found
    }
}
