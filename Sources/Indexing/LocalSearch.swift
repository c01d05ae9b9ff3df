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

    private let shards: [(partition: Partition, index: ExactIndex)]

    /// Loads the vectors of all partitions into memory.
    public init(_ directory: IndexDirectory) throws(ImpRAGError) {
        var shards: [(Partition, ExactIndex)] = []
        for shard in 0..<directory.shardCount {
            let partition = try directory.partition(shard)
            shards.append(
                (partition, try ExactIndex(dimension: partition.dimension, vectors: try partition.loadVectors())))
        }
        self.shards = shards
    }

    /// The best `k` passages of the whole index, best first; equal scores by shard, then by row.
    ///
    /// - Parameter query: `[dimension]`.
    public func search(_ query: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [Found] {
        var hits: [(shard: Int, hit: Hit)] = []
        for (shard, (_, index)) in shards.enumerated() {
            hits += try index.search(query, k: k, deadline: deadline)[0].map { (shard, $0) }
        }
        hits.sort { ($1.hit.score, $0.shard, $0.hit.row) < ($0.hit.score, $1.shard, $1.hit.row) }
        var found: [Found] = []
        for (shard, hit) in hits.prefix(k) {
            for passage in try shards[shard].partition.passages(rows: [hit.row]) {
                found.append(Found(passage: passage, score: hit.score))
            }
        }
        return found
    }
}
