public import Indexing

/// What `imprag quantize` is asked to do.
public struct QuantizeOptions: Sendable {
    /// The model's directory, and the one that is made; it must not exist, or be empty.
    public var model: String
    public var directory: String
    /// Corpus files to measure with; without any nothing is measured.
    public var corpus: [String] = []
    public var format: CorpusFormat?
    /// A file of questions with answers; nil makes questions from passages.
    public var questions: String?
    /// Whether the questions are whole prompts.
    public var questionsAreRaw = false
    /// Passages among which questions are searched for; a larger corpus is sampled.
    public var passages = 20_000
    /// Of them, those whose text's probability is measured.
    public var scoredPassages = 200
    /// Threads for matrix products; nil takes one for each processor.
    public var threads: Int?

    /// Questions that are made from passages, when no others are given.
    static let madeQuestions = 500

    public init(model: String, directory: String) {
        self.model = model
        self.directory = directory
    }
}
