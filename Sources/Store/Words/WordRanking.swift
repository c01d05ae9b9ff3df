public import Core

/// Merges the hits by words of several partitions: statistics are summed, and every hit is rescored with the sums, so
/// that scores do not depend on how passages are distributed.
public struct WordRanking<Item: Sendable>: Sendable {
    /// A hit, with the inputs of its score.
    public struct Entry: Sendable {
        public let item: Item
        /// The frequency of each query term in it.
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

    /// Adds what one partition found: entries with one frequency per term.
    ///
    /// - Throws: `failedPrecondition` when the partition analyzes the query into other terms than those before, so that
    ///   statistics cannot be summed.
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

    /// The best `count` hits so far, with their scores, best first.
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

    /// Drops all but the best `count` hits so far, to bound memory over many partitions.
    public mutating func keep(_ count: Int, _ isBefore: (Item, Item) -> Bool) {
        guard entries.count > count else { return }
        entries = best(count, isBefore).map(\.entry)
    }
}
