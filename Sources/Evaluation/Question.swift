public import Core

/// A question with the strings that count as right.
public struct Question: Sendable, Equatable {
    public let id: String
    public let question: String
    /// At least one.
    public let answers: [String]

    public init(id: String, question: String, answers: [String]) {
        self.id = id
        self.question = question
        self.answers = answers
    }

    /// `question` in the template that models of this project are trained with.
    public static func prompt(_ question: String) -> String { "Q: \(question) A:" }

    /// Whether a right answer stands in the title or the text of `passage`.
    public func isAnswered(by passage: Passage) -> Bool {
        AnswerText.contains(passage.text, answers: answers) || AnswerText.contains(passage.title, answers: answers)
    }
}
