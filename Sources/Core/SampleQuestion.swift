/// A question for calibration, resembling real ones, with what is known of the passages that answer it.
public struct SampleQuestion: Sendable, Equatable {
    /// As the model will see it.
    public var prompt: String
    /// As the lexical index sees it.
    public var words: String
    /// Ids of the passages that answer it; empty when unknown.
    public var passages: [String]
    /// Accepted answers, one of which occurs in every passage that answers it; empty when unknown.
    public var answers: [String]

    public init(prompt: String, words: String, passages: [String] = [], answers: [String] = []) {
        self.prompt = prompt
        self.words = words
        self.passages = passages
        self.answers = answers
    }

    /// Whether `passage` answers it, by its answers.
    public func isAnswered(by passage: Passage) -> Bool {
        Question(id: "", question: words, answers: answers).isAnswered(by: passage)
    }
}
