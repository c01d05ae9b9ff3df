internal import Storage
public import VectorIndex

/// What indexing did.
public struct IndexReport: Sendable {
    /// Passages in the index, or in the part that was made.
    public let passages: Int
    /// By partition, in order.
    public let passagesPerPartition: [Int]
    /// Read from the corpus, without bad lines.
    public let documents: Int
    /// Documents that a later one with the same id replaced.
    public let duplicates: Int
    public let badLines: BadLines
    /// Passages that this run embedded; earlier runs did the rest.
    public let embedded: Int
    /// Of these, passages that the model truncates.
    public internal(set) var cut = 0
    /// Files in the corpus's directories that are neither text nor Markdown.
    public internal(set) var otherFiles = 0
    /// Seconds of this run, in total and in the model.
    public internal(set) var seconds: Double
    public let embeddingSeconds: Double
    /// Whether the index was already complete, so that this run did nothing.
    public let wasComplete: Bool
    /// The part that was made, or found complete; nil for a whole index.
    public let part: IndexPart?
    /// Nil when no partition needed a vector index.
    public internal(set) var calibrated: Calibrated?

    /// The measured weight of words; nil when it was not measured.
    public internal(set) var words: Words?

    /// Share of questions with a right passage among the first ten.
    public struct Words: Sendable, Equatable {
        /// The weight of the list by words, unless a request sets it.
        public let weight: Double
        public let byVectors: Double
        public let byWords: Double
        public let joined: Double
        public let questions: Int
        /// Whether the questions were given, instead of generated from passages.
        public let areGiven: Bool
    }

    /// Nil when no states were asked for.
    public internal(set) var states: States?

    /// Passage states stored beside the partitions.
    public struct States: Sendable, Equatable {
        /// Passages in the index now, after any updates.
        public internal(set) var passages = 0
        /// Passages with stored states, and how many of these this run computed.
        public internal(set) var stored = 0
        public internal(set) var computed = 0
        /// Bytes that count against the budget.
        public internal(set) var bytes = 0
        /// Seconds of this run for states, including embedding where both were one pass.
        public internal(set) var seconds = 0.0
        /// Whether the budget was too small for all passages.
        public internal(set) var isFull = false

        /// Adds states that were stored while passages were embedded.
        mutating func add(computed: Int, seconds: Double) {
            guard computed > 0 else { return }
            self.computed += computed
            self.seconds += seconds
        }
    }

    /// What calibration found.
    public struct Calibrated: Sendable {
        /// The lowest recall@10 of a partition's index at the default effort.
        public let recall: Double
        /// Queries per partition, and their source.
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

    /// Passages embedded per second of the whole run.
    public var passagesPerSecond: Double { seconds > 0 ? Double(embedded) / seconds : 0 }
}
