/// A question like those to come, for calibrations, with what tells the passages that are right as far as that is known.
public struct SampleQuestion: Sendable, Equatable {
    /// As the model will see it.
    public var prompt: String
    /// As words are looked up.
    public var words: String
    /// Ids of the passages that answer it; empty when they are not known.
    public var passages: [String]
    /// Strings that count as right, one of which stands in every passage that answers it; empty when they are not known.
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
