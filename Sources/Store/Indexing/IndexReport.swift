internal import Storage
public import VectorIndex

/// What indexing did.
public struct IndexReport: Sendable {
    /// In the index, or in the part of it that was made.
    public let passages: Int
    /// Of each partition, in order.
    public let passagesPerPartition: [Int]
    /// Read from the corpus, bad lines apart.
    public let documents: Int
    /// Documents that a later one with the same id replaced.
    public let duplicates: Int
    public let badLines: BadLines
    /// Passages that this run embedded; the rest was there from an earlier one.
    public let embedded: Int
    /// Of these, passages that are longer than what the model reads of one.
    public internal(set) var cut = 0
    /// Files in the corpus's directories that are neither text nor Markdown.
    public internal(set) var otherFiles = 0
    /// Of this run: all of it, and the part spent in the model.
    public internal(set) var seconds: Double
    public let embeddingSeconds: Double
    /// Whether the index was complete before this run, which then did nothing.
    public let wasComplete: Bool
    /// The part that was made, or found complete; nil for a whole index.
    public let part: IndexPart?
    /// Nil when no partition needed a vector index.
    public internal(set) var calibrated: Calibrated?

    /// What words are worth beside vectors; nil when that was not measured.
    public internal(set) var words: Words?

    /// Recall of the passages that are right, among the first ten.
    public struct Words: Sendable, Equatable {
        /// How much the list by words counts when a request does not say.
        public let weight: Double
        public let byVectors: Double
        public let byWords: Double
        public let joined: Double
        public let questions: Int
        /// Whether they were given, instead of made from passages.
        public let areGiven: Bool
    }

    /// Nil when no states were asked for.
    public internal(set) var states: States?

    /// The states that are stored beside the partitions.
    public struct States: Sendable, Equatable {
        /// Passages in the index now: updates may have changed it.
        public internal(set) var passages = 0
        /// Passages whose states are stored, and those of them whose states this run computed.
        public internal(set) var stored = 0
        public internal(set) var computed = 0
        /// What counts against the budget.
        public internal(set) var bytes = 0
        /// Of this run: what storing states took, embedding included where both were one pass.
        public internal(set) var seconds = 0.0
        /// Whether the budget left passages without states.
        public internal(set) var isFull = false

        /// Counts what was stored while passages were embedded.
        mutating func add(computed: Int, seconds: Double) {
            guard computed > 0 else { return }
            self.computed += computed
            self.seconds += seconds
        }
    }

    /// What calibration found.
    public struct Calibrated: Sendable {
        /// The lowest recall@10 that a partition's index had at the effort that is the default.
        public let recall: Double
        /// Of each partition, and where they came from.
        public let queries: Int
        public let source: Calibration.Source
    }

    init(_ job: IndexJob, embedded: Int, seconds: Double, embeddingSeconds: Double, wasComplete: Bool) {
        passagesPerPartition = job.ownPassagesPerPartition
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
