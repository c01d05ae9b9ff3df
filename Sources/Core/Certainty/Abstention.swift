/// Why a question gets no answer.
public enum AbstainReason: String, Sendable, CaseIterable {
    /// No passage was found, or none was wanted. Known before an answer begins.
    case noContext = "no_context"
    /// The best scores lie below the calibrated thresholds. Known before an answer begins.
    case lowScore = "low_score"
    /// A shard did not answer. Known before an answer begins.
    case partialIndex = "partial_index"
    /// The passages got less attention than the calibrated threshold. Known only when the answer has ended.
    case unsupported
}

/// An answer that was not given.
public struct Abstention: Hashable, Sendable {
    public var reason: AbstainReason
    /// A sentence for people, with the numbers.
    public var why: String

    public init(_ reason: AbstainReason, _ why: String) {
        self.reason = reason
        self.why = why
    }
}
