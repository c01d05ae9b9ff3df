public import Core
internal import PassageStore
public import Words

/// Search by words.
extension LivePartition {
    /// Terms of a query beyond so many are passed over.
    public static let wordTermLimit = 64

    /// The best `count` passages for the words of `text`, with what their scores are made of.
    ///
    /// - Returns: nil when the partition has no lexical index, because it was indexed before there were any.
    /// - Throws: `deadlineExceeded`, `invalidArgument` for the filter, `dataLoss` when something is damaged.
    public func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> WordMatches? {
        var analyzer = WordAnalyzer(.english)
        let terms = analyzer.distinctTerms(of: text, limit: Self.wordTermLimit)
        let live = partition.liveRows()
        let allowed = if let filter { try partition.rows(matching: filter) } else { live }
        var rows: [Int] = []
        live.forEach { rows.append($0) }
        var statistics = WordStatistics(passages: 0, tokens: 0, frequencies: terms.map { _ in 0 })
        var found: [WordHit] = []
        for (row, passage) in zip(rows, try partition.passages(rows: rows)) {
            try deadline.check("search by words")
            guard let passage else { continue }
            var (frequencies, length) = (terms.map { _ in 0 }, 0)
            analyzer.forEachTerm(of: WordAnalyzer.text(title: passage.title, text: passage.text)) { term in
                length += 1
                if let place = terms.firstIndex(of: String(decoding: term, as: UTF8.self)) { frequencies[place] += 1 }
            }
            statistics.passages += 1
            statistics.tokens += length
            for (place, frequency) in frequencies.enumerated() where frequency > 0 { statistics.frequencies[place] += 1 }
            if allowed.contains(row), frequencies.contains(where: { $0 > 0 }) {
                found.append(WordHit(row: row, frequencies: frequencies, length: length))
            }
        }
        let scored = found.map {
            (hit: $0, score: BM25.score($0.frequencies, length: $0.length, statistics: statistics))
        }
        let best = scored.sorted { ($1.score, $0.hit.row) < ($0.score, $1.hit.row) }.prefix(count)
        return WordMatches(terms: terms, statistics: statistics, hits: best.map(\.hit))
    }
}
