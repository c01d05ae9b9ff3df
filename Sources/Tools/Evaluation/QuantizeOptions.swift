public import Indexing

/// The options of `imprag quantize`.
public struct QuantizeOptions: Sendable {
    /// The model's directory, and the output directory, which must not exist or must be empty.
    public var model: String
    public var directory: String
    /// Of most matrices' numbers: 8 or 4.
    public var bits = 8
    /// Corpus files to measure with, and to round to 4 bits by; if empty, nothing is measured, and numbers are rounded
    /// to the nearest.
    public var corpus: [String] = []
    public var format: CorpusFormat?
    /// A file of questions with answers; nil generates questions from passages.
    public var questions: String?
    /// Whether the questions are whole prompts.
    public var questionsAreRaw = false
    /// Passages to search among; a larger corpus is sampled.
    public var passages = 20_000
    /// Passages among these whose text's probability is measured.
    public var scoredPassages = 200
    /// Threads for matrix products; nil for one per processor.
    public var threads: Int?

    /// Tokens of passages and questions that 4-bit numbers are rounded by; what is measured is not among them.
    public var roundingTokens = 24_576
    /// The same of an int8 model, of which only the inputs' magnitudes are wanted.
    public var scalingTokens = 6144
    /// Given questions that both models answer.
    public var answeredQuestions = 200

    /// Questions to generate from passages when none are given.
    static let madeQuestions = 500

    public init(model: String, directory: String) {
        self.model = model
        self.directory = directory
    }
}
