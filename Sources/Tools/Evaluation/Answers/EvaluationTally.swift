public import Core

/// What became of each of many questions.
///
/// - Exact match: whether the answer is one of the right ones, both normalized as in SQuAD; F1: of their words.
/// - Retrieval recall@k: whether a right answer stands inside the title or the text of one of the first k passages
///   (DESIGN, section 2, "Metrics").
/// - R-precision of questions that say which pages answer them: `KILTPage.rPrecision`.
public struct EvaluationTally: Sendable, Equatable {
    /// The k at which recall is measured.
    public let cutoffs: [Int]
    public private(set) var outcomes: [Outcome] = []
    /// Questions among these that could not be asked; they count as wrong.
    public private(set) var failed = 0

    public init(cutoffs: [Int] = [1, 5, 10]) {
        self.cutoffs = cutoffs
    }

    /// The outcome of one question.
    public struct Outcome: Sendable, Equatable {
        public let isExactMatch: Bool
        /// 0…1.
        public let f1: Double
        /// The rank, from 1, of the first passage that contains an answer; nil when none does.
        public let rank: Int?
        /// 0…1; nil when the question does not say which pages answer it.
        public let rPrecision: Double?
    }

    /// Counts one question.
    ///
    /// - Parameters:
    ///   - answer: the system's answer.
    ///   - passages: the passages it found, best first.
    @discardableResult
    public mutating func add(_ item: EvaluationQuestion, answer: String, passages: [Passage]) -> Outcome {
        let question = item.question
        let outcome = Outcome(
            isExactMatch: AnswerText.isExactMatch(answer, answers: question.answers),
            f1: AnswerText.f1(answer, answers: question.answers),
            rank: passages.firstIndex(where: question.isAnswered).map { $0 + 1 },
            rPrecision: KILTPage.rPrecision(KILTPage.pages(of: passages), provenance: item.provenance))
        outcomes.append(outcome)
        return outcome
    }

    /// Counts a question that could not be asked.
    public mutating func addFailure(_ item: EvaluationQuestion) {
        failed += 1
        outcomes.append(
            Outcome(
                isExactMatch: false, f1: 0, rank: nil,
                rPrecision: KILTPage.rPrecision([], provenance: item.provenance)))
    }

    public var exactMatch: MeanInterval { MeanInterval(outcomes.map { $0.isExactMatch ? 1 : 0 }) }
    public var f1: MeanInterval { MeanInterval(outcomes.map(\.f1)) }

    /// At each of `cutoffs`.
    public var recall: [(k: Int, share: MeanInterval)] {
        cutoffs.map { k in (k, MeanInterval(outcomes.map { ($0.rank ?? .max) <= k ? 1 : 0 })) }
    }

    /// Of the questions that say which pages answer them; nil when none does.
    public var rPrecision: MeanInterval? {
        let values = outcomes.compactMap(\.rPrecision)
        return values.isEmpty ? nil : MeanInterval(values)
    }
}
