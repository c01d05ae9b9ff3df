public import Core
public import PassageStore
internal import Retrieval
internal import VectorIndex

/// Every partition of an index in one process: search without a cluster. Immutable; shared by all threads.
public final class LocalSearch: Sendable {
    /// A found passage and the inner product that found it.
    public struct Found: Sendable {
        public let passage: Passage
        public let score: Float
    }

    private let shards: [LivePartition]

    /// Loads the indexes of all partitions into memory.
    public init(_ directory: IndexDirectory) throws(ImpRAGError) {
        var shards: [LivePartition] = []
        for shard in 0..<directory.shardCount { shards.append(try LivePartition(try directory.partition(shard))) }
        self.shards = shards
    }

    /// The best `k` passages of the whole index, best first; equal scores by shard, then by row.
    ///
    /// - Parameter query: `[dimension]`.
    public func search(
        _ query: [Float], k: Int, options: SearchOptions = SearchOptions(), deadline: Deadline
    ) throws(ImpRAGError) -> [Found] {
        var hits: [(shard: Int, row: Int, score: Float)] = []
        for (shard, live) in shards.enumerated() {
            for hit in try live.search(query, k: k, options: options, deadline: deadline).first ?? [] {
                hits.append((shard, hit.row, hit.score))
            }
        }
        hits.sort { ($1.score, $0.shard, $0.row) < ($0.score, $1.shard, $1.row) }
        var found: [Found] = []
        for hit in hits.prefix(k) {
            for case let passage? in try shards[hit.shard].partition.passages(rows: [hit.row]) {
                found.append(Found(passage: passage, score: hit.score))
            }
        }
        return found
    }
}
