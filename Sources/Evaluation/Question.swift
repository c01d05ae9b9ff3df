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
}
