public import Core

/// What quantizing a model gained and lost.
public struct QuantizeReport: Sendable {
    public let sourceBytes: ByteCount
    public let resultBytes: ByteCount
    /// 8 or 4.
    public let bits: Int
    /// Tokens of passages and questions that 4-bit numbers were rounded by; 0 when each was rounded to the nearest.
    public let roundingTokens: Int
    /// Questions among them.
    public let roundingQuestions: Int
    /// Nil when there was no corpus to measure with.
    public let comparison: QuantizeComparison?
}

/// The original and the quantized model, measured with the same passages and questions.
public struct QuantizeComparison: Sendable {
    /// One figure of both.
    public struct Pair: Sendable {
        public let original: Double
        public let result: Double

        /// For shares: as percentages.
        public var percent: Pair { Pair(original: 100 * original, result: 100 * result) }
    }

    /// Arithmetic of the original's matrix products.
    public let originalArithmetic: String
    /// Perplexity of the scored texts, k = 0.
    public let perplexity: Pair
    /// k, and the share of questions with the right passage among the first k.
    public let recall: [(k: Int, share: Pair)]
    /// The share of given questions that greedy answers over the found passages match exactly; nil without any.
    public let exactMatch: Pair?
    public let answeredQuestions: Int
    /// The absolute difference of a token's log-probabilities under both models: mean and maximum.
    public let meanError: Double
    public let largestError: Double
    public let scoredPassages: Int
    public let scoredTokens: Int
    /// Passages searched among, and passages of the corpus.
    public let passages: Int
    public let corpusPassages: Int
    public let questions: Int

    init(original: ModelMeasurement, result: ModelMeasurement, _ sample: CorpusSample) {
        originalArithmetic = original.arithmetic
        perplexity = Pair(original: original.perplexity, result: result.perplexity)
        recall = zip(ModelMeasurement.cutoffs, zip(original.recall, result.recall)).map {
            ($0, Pair(original: $1.0, result: $1.1))
        }
        exactMatch =
            if let before = original.exactMatch, let after = result.exactMatch {
                Pair(original: before, result: after)
            } else { nil }
        answeredQuestions = original.answeredQuestions
        let errors = zip(original.logProbabilities, result.logProbabilities).map { abs(Double($0) - Double($1)) }
        meanError = errors.reduce(0, +) / Double(max(1, errors.count))
        largestError = errors.max() ?? 0
        scoredPassages = sample.scored.count
        scoredTokens = errors.count
        passages = sample.passages.count
        corpusPassages = sample.corpusPassages
        questions = sample.probes.count
    }
}
