public import Core

/// A measure of one question's answer.
public enum AnswerMetric: String, Sendable, CaseIterable {
    case exactMatch = "em"
    case f1

    /// For every question; one without an answer counts 0.
    public func values(_ answers: PredictedAnswers, _ questions: [Question]) -> [Double] {
        questions.map { question in
            guard let answer = answers.answers[ByteString(question.id)] else { return 0 }
            switch self {
            case .exactMatch: return AnswerText.isExactMatch(answer, answers: question.answers) ? 1 : 0
            case .f1: return AnswerText.f1(answer, answers: question.answers)
            }
        }
    }
}
