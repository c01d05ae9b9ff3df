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
        /// Whether there was no answer, for a reason.
        public var isRefused = false
        /// Whether the question has an answer at all.
        public var isAnswerable = true
    }

    /// Counts one question.
    ///
    /// - Parameters:
    ///   - answer: the system's answer.
    ///   - passages: the passages it found, best first.
    ///   - isRefused: whether it refused to answer: right for a question without answers, as in SQuAD 2.0, else wrong.
    @discardableResult
    public mutating func add(
        _ item: EvaluationQuestion, answer: String, passages: [Passage], isRefused: Bool = false
    ) -> Outcome {
        let question = item.question
        let isAnswerable = !question.answers.isEmpty
        let isMatch = isAnswerable && !isRefused && AnswerText.isExactMatch(answer, answers: question.answers)
        let overlap = isAnswerable && !isRefused ? AnswerText.f1(answer, answers: question.answers) : 0
        let isRightlyRefused = isRefused && !isAnswerable
        let outcome = Outcome(
            isExactMatch: isMatch || isRightlyRefused, f1: isRightlyRefused ? 1 : overlap,
            rank: passages.firstIndex(where: question.isAnswered).map { $0 + 1 },
            rPrecision: KILTPage.rPrecision(KILTPage.pages(of: passages), provenance: item.provenance),
            isRefused: isRefused, isAnswerable: isAnswerable)
        outcomes.append(outcome)
        return outcome
    }

    /// Counts a question that could not be asked.
    public mutating func addFailure(_ item: EvaluationQuestion) {
        failed += 1
        outcomes.append(
            Outcome(
                isExactMatch: false, f1: 0, rank: nil,
                rPrecision: KILTPage.rPrecision([], provenance: item.provenance),
                isAnswerable: !item.question.answers.isEmpty))
    }

    public var exactMatch: MeanInterval { MeanInterval(outcomes.map { $0.isExactMatch ? 1 : 0 }) }
    public var f1: MeanInterval { MeanInterval(outcomes.map(\.f1)) }

    /// The share of questions that were not refused.
    public var answered: MeanInterval { MeanInterval(outcomes.map { $0.isRefused ? 0 : 1 }) }

    /// Of the questions that were answered.
    public var answeredExactMatch: MeanInterval {
        MeanInterval(outcomes.filter { !$0.isRefused }.map { $0.isExactMatch ? 1 : 0 })
    }

    /// At each of `cutoffs`, of the questions that have an answer.
    public var recall: [(k: Int, share: MeanInterval)] {
        let answerable = outcomes.filter(\.isAnswerable)
        return cutoffs.map { k in (k, MeanInterval(answerable.map { ($0.rank ?? .max) <= k ? 1 : 0 })) }
    }

    /// Of the questions that say which pages answer them; nil when none does.
    public var rPrecision: MeanInterval? {
        let values = outcomes.compactMap(\.rPrecision)
        return values.isEmpty ? nil : MeanInterval(values)
    }
}
