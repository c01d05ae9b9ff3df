/// A passage that has words of a query.
public struct WordHit: Sendable, Equatable {
    public let row: Int
    /// How often the passage has each of the query's terms.
    public let frequencies: [Int]
    /// The passage's length in terms.
    public let length: Int

    public init(row: Int, frequencies: [Int], length: Int) {
        self.row = row
        self.frequencies = frequencies
        self.length = length
    }
}

/// What a partition has for a query's words.
public struct WordMatches: Sendable, Equatable {
    /// The query's distinct terms in the order of their first appearance; may be empty.
    public let terms: [String]
    public let statistics: WordStatistics
    /// Best first by `BM25.score` with `statistics`; equal scores by lower row.
    public let hits: [WordHit]

    public init(terms: [String], statistics: WordStatistics, hits: [WordHit]) {
        self.terms = terms
        self.statistics = statistics
        self.hits = hits
    }
}
