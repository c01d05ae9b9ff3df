/// A title's match with a query.
public struct TitleTerms: Sendable, Hashable {
    /// Indices of the query's terms that are in the title, ascending.
    public var terms: [Int]
    /// The number of distinct terms in the title.
    public var count: Int

    public init(terms: [Int] = [], count: Int = 0) {
        self.terms = terms
        self.count = count
    }
}

/// A passage that matches words of a query.
public struct WordHit: Sendable, Equatable {
    public let row: Int
    /// The passage's frequency of each query term.
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

/// What a partition found for a query's words.
public struct WordMatches: Sendable, Equatable {
    /// The query's distinct terms, in order of appearance; may be empty.
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
