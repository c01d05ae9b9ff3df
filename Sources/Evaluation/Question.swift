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
}
