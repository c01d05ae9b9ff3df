public import Corpus
internal import PassageStore
public import VectorIndex

/// What indexing did.
public struct IndexReport: Sendable {
    /// In the index, or in the part of it that was made.
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
    public internal(set) var seconds: Double
    public let embeddingSeconds: Double
    /// Whether the index was complete before this run, which then did nothing.
    public let wasComplete: Bool
    /// The part that was made, or found complete; nil for a whole index.
    public let part: IndexPart?
    /// Nil when no shard needed a vector index.
    public internal(set) var calibrated: Calibrated?

    /// What calibration found.
    public struct Calibrated: Sendable {
        /// The lowest recall@10 that a shard's index had at the effort that is the default.
        public let recall: Double
        /// Of each shard, and where they came from.
        public let queries: Int
        public let source: Calibration.Source
    }

    init(_ job: IndexJob, embedded: Int, seconds: Double, embeddingSeconds: Double, wasComplete: Bool) {
        passagesPerShard = job.ownPassagesPerShard
        passages = job.passages
        documents = job.corpus.documents
        duplicates = job.corpus.duplicates
        badLines = job.badLines
        part = job.part
        self.embedded = embedded
        self.seconds = seconds
        self.embeddingSeconds = embeddingSeconds
        self.wasComplete = wasComplete
    }

    /// Passages embedded a second, everything included.
    public var passagesPerSecond: Double { seconds > 0 ? Double(embedded) / seconds : 0 }
}
