public import Core

/// Counts right answers and found passages over many questions.
///
/// - Exact match: the share of questions answered with one of the right answers, both normalized as in SQuAD.
/// - Retrieval recall@k: the share of questions with a right answer inside the title or the text of one of the first
///   k passages (DESIGN, section 2, "Metrics").
public struct EvaluationTally: Sendable, Equatable {
    /// The k at which recall is measured.
    public let cutoffs: [Int]
    public private(set) var questions = 0
    /// Questions among these that could not be asked; they count as wrong.
    public private(set) var failed = 0
    public private(set) var exactMatches = 0
    /// For each of `cutoffs`: questions with an answer in the first k passages.
    public private(set) var found: [Int]

    public init(cutoffs: [Int] = [1, 5, 10]) {
        self.cutoffs = cutoffs
        found = [Int](repeating: 0, count: cutoffs.count)
    }

    /// The outcome of one question.
    public struct Outcome: Sendable, Equatable {
        public let isExactMatch: Bool
        /// The rank, from 1, of the first passage that contains an answer; nil when none does.
        public let rank: Int?
    }

    /// Counts one question.
    ///
    /// - Parameters:
    ///   - answer: the system's answer.
    ///   - passages: the passages it found, best first.
    @discardableResult
    public mutating func add(_ question: Question, answer: String, passages: [Passage]) -> Outcome {
        let isExactMatch = AnswerText.isExactMatch(answer, answers: question.answers)
        let rank = passages.firstIndex(where: question.isAnswered).map { $0 + 1 }
        questions += 1
        if isExactMatch { exactMatches += 1 }
        if let rank {
            for (index, cutoff) in cutoffs.enumerated() where rank <= cutoff { found[index] += 1 }
        }
        return Outcome(isExactMatch: isExactMatch, rank: rank)
    }

    /// Counts a question that could not be asked.
    public mutating func addFailure() {
        questions += 1
        failed += 1
    }

    /// 0…1; 0 without a question.
    public var exactMatch: Double { questions > 0 ? Double(exactMatches) / Double(questions) : 0 }

    /// Recall at each of `cutoffs`, 0…1; 0 without a question.
    public var recall: [(k: Int, share: Double)] {
        zip(cutoffs, found).map { ($0, questions > 0 ? Double($1) / Double(questions) : 0) }
    }
}
