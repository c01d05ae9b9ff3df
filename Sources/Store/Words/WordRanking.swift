public import Core

/// What words have found in several partitions, as one list: their figures are added up and every hit is scored with the
/// sums, so that scores do not depend on how passages are spread.
public struct WordRanking<Item: Sendable>: Sendable {
    /// A hit, and what its owner calls it.
    public struct Entry: Sendable {
        public let item: Item
        /// How often each term stands in it.
        public let frequencies: [Int]
        /// Its length in terms.
        public let length: Int
        public let title: TitleTerms

        public init(item: Item, frequencies: [Int], length: Int, title: TitleTerms = TitleTerms()) {
            self.item = item
            self.frequencies = frequencies
            self.length = length
            self.title = title
        }
    }

    /// The query's terms; nil before the first partition.
    public private(set) var terms: [String]?
    public private(set) var statistics = WordStatistics(passages: 0, tokens: 0, frequencies: [])
    private var entries: [Entry] = []

    public init() {}

    /// Takes in what one partition has found: entries with one frequency for each term.
    ///
    /// - Throws: `failedPrecondition` when the partition makes other terms of the query than those before, so that its figures
    ///   cannot be added.
    public mutating func add(
        terms: [String], statistics: WordStatistics, entries: [Entry]
    ) throws(ImpRAGError) {
        if let known = self.terms {
            guard known == terms else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "it makes the terms '\(terms.joined(separator: " "))' of the words, and others make "
                        + "'\(known.joined(separator: " "))' of them; they are of different indexes")
            }
            try self.statistics.add(statistics)
        } else {
            self.terms = terms
            self.statistics = statistics
        }
        self.entries += entries
    }

    /// The best `count` hits so far with their scores, best first.
    ///
    /// - Parameter isBefore: the order of hits with equal scores.
    public func best(_ count: Int, _ isBefore: (Item, Item) -> Bool) -> [(entry: Entry, score: Float)] {
        let scored = entries.map { entry in
            (
                entry: entry,
                score: BM25.score(
                    entry.frequencies, length: entry.length, title: entry.title, statistics: statistics)
            )
        }
        let ordered = scored.sorted { one, other in
            guard one.score == other.score else { return one.score > other.score }
            return isBefore(one.entry.item, other.entry.item)
        }
        return Array(ordered.prefix(count))
    }

    /// Drops all hits but the best `count` of now: for lists of many partitions, whose hits would not fit into memory
    /// together.
    public mutating func keep(_ count: Int, _ isBefore: (Item, Item) -> Bool) {
        guard entries.count > count else { return }
        entries = best(count, isBefore).map(\.entry)
    }
}
