public import Core

/// Figures of a lexical index for one query's terms. Those of several partitions add up, so that scores do not depend on how passages
/// are spread.
public struct WordStatistics: Sendable, Equatable {
    /// Live passages that the index holds.
    public var passages: Int
    /// Their lengths in terms, summed.
    public var tokens: Int
    /// For each query term: live passages that have it.
    public var frequencies: [Int]

    public init(passages: Int, tokens: Int, frequencies: [Int]) {
        self.passages = passages
        self.tokens = tokens
        self.frequencies = frequencies
    }

    /// Adds the figures that other passages have for the same terms.
    ///
    /// - Throws: `invalidArgument` when they are those of another number of terms, or too large.
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
