public import Core

/// The progress of quantizing or measuring.
public struct QuantizeProgress: Sendable {
    public enum Phase: String, Sendable {
        /// Reading the corpus, in bytes.
        case reading = "reading the corpus"
        /// Rounding to 4 bits by what layers read, in layers.
        case rounding = "rounding"
        /// Writing weights, in bytes.
        case quantizing
        /// The probability of passages' texts under the original and under the result, in passages.
        case scoringOriginal = "the original: scoring texts"
        case scoringResult = "the result: scoring texts"
        /// Embedding passages and searching among them, in passages.
        case searchingOriginal = "the original: searching"
        case searchingResult = "the result: searching"
        /// Answering given questions.
        case answeringOriginal = "the original: answering"
        case answeringResult = "the result: answering"
    }

    public let phase: Phase
    public let done: Int
    public let total: Int
    /// In the units of `done`.
    public let pace: Pace
}
