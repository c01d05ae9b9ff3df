/// A question with its accepted answers.
public struct Question: Sendable, Equatable {
    public let id: String
    public let question: String
    /// None for a question that cannot be answered.
    public let answers: [String]

    public init(id: String, question: String, answers: [String]) {
        self.id = id
        self.question = question
        self.answers = answers
    }

    /// `question` in the template that this project's models are trained with.
    public static func prompt(_ question: String) -> String { PromptTemplate.question.prompt(question) }

    /// The words of a prompt: without the template, whose words would count as the question's; other prompts are
    /// unchanged.
    public static func words(ofPrompt prompt: String) -> String {
        PromptTemplate.allCases.lazy.compactMap { $0.words(of: prompt) }.first ?? prompt
    }

    /// Whether the title or text of `passage` contains an accepted answer.
    public func isAnswered(by passage: Passage) -> Bool {
        AnswerText.contains(passage.text, answers: answers) || AnswerText.contains(passage.title, answers: answers)
    }
}
