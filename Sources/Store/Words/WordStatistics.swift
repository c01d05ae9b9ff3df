public import Core

/// Collection statistics of a lexical index for one query's terms. Those of several partitions are summed, so that
/// scores do not depend on how passages are distributed.
public struct WordStatistics: Sendable, Equatable {
    /// Live passages in the index.
    public var passages: Int
    /// The sum of their lengths in terms.
    public var tokens: Int
    /// Document frequency of each query term.
    public var frequencies: [Int]

    public init(passages: Int, tokens: Int, frequencies: [Int]) {
        self.passages = passages
        self.tokens = tokens
        self.frequencies = frequencies
    }

    /// Adds the statistics of other passages for the same terms.
    ///
    /// - Throws: `invalidArgument` when they are for another number of terms, or overflow.
    public mutating func add(_ other: WordStatistics) throws(ImpRAGError) {
        guard frequencies.count == other.frequencies.count else {
            throw ImpRAGError(
                .invalidArgument,
                "figures of \(other.frequencies.count) terms cannot be added to those of \(frequencies.count)")
        }
        passages = try Self.sum(passages, other.passages)
        tokens = try Self.sum(tokens, other.tokens)
        for term in frequencies.indices {
            frequencies[term] = try Self.sum(frequencies[term], other.frequencies[term])
        }
    }

    private static func sum(_ left: Int, _ right: Int) throws(ImpRAGError) -> Int {
        let (sum, overflows) = left.addingReportingOverflow(right)
        guard left >= 0, right >= 0, !overflows else {
            throw ImpRAGError(.invalidArgument, "\(left) and \(right) are no figures of one collection of passages")
        }
        return sum
    }
}
