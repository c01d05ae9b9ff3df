public import Corpus
public import VectorIndex

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
    /// Nil when no shard needed a vector index.
    public var calibrated: Calibrated?

    /// What calibration found.
    public struct Calibrated: Sendable {
        /// The lowest recall@10 that a shard's index had at the effort that is the default.
        public let recall: Double
        /// Of each shard, and where they came from.
        public let queries: Int
        public let source: Calibration.Source
    }

    /// Passages embedded a second, everything included.
    public var passagesPerSecond: Double { seconds > 0 ? Double(embedded) / seconds : 0 }
}
