public import Corpus

/// What indexing did.
public struct IndexReport: Sendable {
    /// In the index.
    public let passages: Int
    /// Of each shard, in order.
    public let passagesPerShard: [Int]
    /// Read from the corpus, bad lines apart.
    public let documents: Int
    /// Documents that a later one with the same id replaced.
    public let duplicates: Int
    public let badLines: BadLines
    /// Passages that this run embedded; the rest was there from an earlier one.
    public let embedded: Int
    /// Of this run: all of it, and the part spent in the model.
    public let seconds: Double
    public let embeddingSeconds: Double
    /// Whether the index was complete before this run, which then did nothing.
    public let wasComplete: Bool
    /// The lowest recall@10 that a shard's vector index had in its calibration; nil when no shard needed an index.
    public var recall: Double?

    /// Passages embedded a second, everything included.
    public var passagesPerSecond: Double { seconds > 0 ? Double(embedded) / seconds : 0 }
}
