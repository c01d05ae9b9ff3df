public import Core

/// A question like those to come, for calibrations, with what tells the passages that are right as far as that is known.
public struct SampleQuestion: Sendable, Equatable {
    /// As the model will see it.
    public var prompt: String
    /// As words are looked up.
    public var words: String
    /// The id of the passage that answers it; nil when it is not known.
    public var passage: String?
    /// Strings that count as right, one of which stands in every passage that answers it; empty when they are not known.
    public var answers: [String]

    public init(prompt: String, words: String, passage: String? = nil, answers: [String] = []) {
        self.prompt = prompt
        self.words = words
        self.passage = passage
        self.answers = answers
    }

    /// Whether `passage` answers it, by its answers.
    public func isAnswered(by passage: Passage) -> Bool {
        Question(id: "", question: words, answers: answers).isAnswered(by: passage)
    }
}
