public import Core

/// Picks thresholds below which answers are refused, from questions whose answers are known to be right or wrong.
///
/// A threshold is worth what it keeps of right answers and drops of wrong ones. All combinations of candidates are
/// tried, which are quantiles of what was measured; of equally good ones the one that refuses least is taken.
///
/// Source: selective prediction, its coverage (the share of questions that are answered) and its risk (the share of
/// wrong ones among these), is El-Yaniv & Wiener, JMLR 2010; the balanced aim is Youden's index (Cancer 1950).
public struct CertaintyCalibrator: Sendable {
    /// One question's answer.
    public struct Sample: Sendable {
        public let signals: CertaintySignals
        /// An answer to a question that has none is wrong.
        public let isRight: Bool

        public init(_ signals: CertaintySignals, isRight: Bool) {
            self.signals = signals
            self.isRight = isRight
        }
    }

    public enum Aim: Sendable, Equatable {
        /// The largest difference between the share of wrong answers refused and that of right ones: it does not depend
        /// on how many are wrong.
        case balance
        /// The most answers of which at most this share is wrong.
        case risk(Double)
    }

    /// What thresholds make of the questions.
    public struct Choice: Sendable, Equatable {
        public var vectorScore: Float?
        public var wordsScore: Float?
        public var passageMass: Float?
        /// Answers that are given.
        public let right: Int
        public let wrong: Int
    }

    private let samples: [Sample]
    public let rightCount: Int

    public init(_ samples: [Sample]) {
        self.samples = samples
        rightCount = samples.count { $0.isRight }
    }

    private var wrongCount: Int { samples.count - rightCount }

    /// Candidates of each threshold: with three of them, a few thousand combinations.
    private static let candidateLimit = 24

    /// The best thresholds for `aim`.
    ///
    /// - Throws: `failedPrecondition` when all answers are right, or all wrong, and when nothing keeps the risk.
    /// - Complexity: O(questions · combinations of candidates).
    public func choose(_ aim: Aim) throws(ImpRAGError) -> Choice {
        guard rightCount > 0, wrongCount > 0 else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(rightCount) of \(samples.count) answers are right; thresholds tell right answers from wrong ones, and need some of both"
            )
        }
        let refusals = scoreRefusals()
        let masses = candidates(\.passageMass)
        var best: (choice: Choice, merit: (Double, Int))?
        var least = 1.0
        for refusal in refusals {
            for mass in masses {
                let choice = outcome(refusal, mass)
                let given = choice.right + choice.wrong
                if given > 0 { least = min(least, Double(choice.wrong) / Double(given)) }
                guard let merit = merit(choice, aim), best.map({ $0.merit < merit }) ?? true else { continue }
                best = (choice, merit)
            }
        }
        guard let best else {
            throw ImpRAGError(
                .failedPrecondition,
                "no thresholds keep the risk: whatever is refused, at least \(Int((least * 100).rounded())) % of the other answers are wrong"
            )
        }
        return best.choice
    }

    /// Greater is better; nil for what misses the aim.
    private func merit(_ choice: Choice, _ aim: Aim) -> (Double, Int)? {
        let given = choice.right + choice.wrong
        switch aim {
        case .balance:
            let kept = Double(choice.right) / Double(rightCount) - Double(choice.wrong) / Double(wrongCount)
            return (kept, given)
        case .risk(let most):
            guard given > 0, Double(choice.wrong) <= most * Double(given) else { return nil }
            return (Double(given), choice.right)
        }
    }

    // MARK: Candidates

    /// Thresholds of the scores, with the questions that they refuse.
    private struct Refusal {
        var vectorScore: Float?
        var wordsScore: Float?
        var isRefused: [Bool]
    }

    private func scoreRefusals() -> [Refusal] {
        let (vectors, words) = (candidates(\.vectorScore), candidates(\.wordsScore))
        var refusals: [Refusal] = []
        for vector in vectors {
            for word in words {
                let thresholds = CertaintyThresholds(
                    fingerprint: "", words: .off, encoding: .concatenated, k: 0, vectorScore: vector, wordsScore: word,
                    questions: 0)
                refusals.append(
                    Refusal(
                        vectorScore: vector, wordsScore: word,
                        isRefused: samples.map { thresholds.isLow($0.signals) }))
            }
        }
        return refusals
    }

    /// Nil, and values that were measured, all but the smallest: below that nothing lies.
    private func candidates(_ signal: KeyPath<CertaintySignals, Float?>) -> [Float?] {
        let values = Set(samples.compactMap { $0.signals[keyPath: signal] }.filter(\.isFinite)).sorted().dropFirst()
        guard values.count > Self.candidateLimit else { return [nil] + values.map { $0 } }
        let picked = (0..<Self.candidateLimit).map { place in
            values[values.startIndex + place * (values.count - 1) / (Self.candidateLimit - 1)]
        }
        return [nil] + picked
    }

    private func outcome(_ refusal: Refusal, _ mass: Float?) -> Choice {
        var (right, wrong) = (0, 0)
        for (place, sample) in samples.enumerated() where !refusal.isRefused[place] {
            if let mass, let found = sample.signals.passageMass, found < mass { continue }
            if sample.isRight { right += 1 } else { wrong += 1 }
        }
        return Choice(
            vectorScore: refusal.vectorScore, wordsScore: refusal.wordsScore, passageMass: mass, right: right,
            wrong: wrong)
    }

    // MARK: Risk and coverage

    /// The risk when only the share `coverage` of the questions is answered, those with the greatest `signal`.
    public func risk(of signal: KeyPath<CertaintySignals, Float?>, coverage: Double) -> Double {
        let ordered = samples.sorted {
            $0.signals[keyPath: signal] ?? -.infinity > $1.signals[keyPath: signal] ?? -.infinity
        }
        let answered = ordered.prefix(max(1, Int((coverage * Double(samples.count)).rounded())))
        return Double(answered.count { !$0.isRight }) / Double(answered.count)
    }
}
