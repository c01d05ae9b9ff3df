/// What a passage's title has of a query.
public struct TitleTerms: Sendable, Hashable {
    /// Places of the query's terms that stand in the title, ascending.
    public var terms: [Int]
    /// Distinct terms of the title, those included.
    public var count: Int

    public init(terms: [Int] = [], count: Int = 0) {
        self.terms = terms
        self.count = count
    }
}

/// A passage that has words of a query.
public struct WordHit: Sendable, Equatable {
    public let row: Int
    /// How often the passage has each of the query's terms.
    public let frequencies: [Int]
    /// The passage's length in terms.
    public let length: Int
    public var title: TitleTerms

    public init(row: Int, frequencies: [Int], length: Int, title: TitleTerms = TitleTerms()) {
        self.row = row
        self.frequencies = frequencies
        self.length = length
        self.title = title
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
