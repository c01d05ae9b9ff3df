public import Core
internal import Synchronization
internal import VectorIndex
public import Words

/// Search by words.
extension LivePartition {
    /// The most terms of a query; the others are ignored. A search keeps a directory of each term's postings, about 0.5
    /// bytes per row.
    public static let wordTermLimit = 64

    /// How many of the best by BM25 are reranked by their titles, at least.
    private static let titleDepth = 64

    /// The best `count` passages for the words of `text`, with the inputs of their scores: the best by BM25 over title
    /// and text, reranked by title.
    ///
    /// - Returns: nil when the partition has no lexical index.
    /// - Throws: `invalidArgument` for a count below 1 and for the filter, `deadlineExceeded`, `dataLoss` when
    ///   something is damaged.
    public func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> WordMatches? {
        guard count > 0 else { throw ImpRAGError(.invalidArgument, "\(count) passages cannot be searched for") }
        guard let analysis = partition.words else { return nil }
        // Read before the postings, so that the postings cover whatever is live here.
        let (live, words) = state.withLock { ($0.snapshot.live, $0.words) }
        guard let words else { return nil }
        var allowed = live
        if let filter {
            let rows = try partition.rows(matching: filter)
            allowed = RowSet(words: zip(rows.words, live.words).map { $0 & $1 })
        }
        var analyzer = WordAnalyzer(analysis)
        let terms = analyzer.distinctTerms(of: text, limit: Self.wordTermLimit)
        let found = try WordSearch(
            source: partition.wordSource(), lengths: words.lengths, passages: live.count, tokens: words.tokens
        ).run(terms, count: max(count, Self.titleDepth), allowed: allowed, deadline: deadline)
        try deadline.check("reading titles")
        let passages = try partition.passages(rows: found.hits.map(\.row))
        var ranking = WordRanking<Int>()
        try ranking.add(
            terms: found.terms, statistics: found.statistics,
            entries: zip(found.hits, passages).map { hit, passage in
                WordRanking.Entry(
                    item: hit.row, frequencies: hit.frequencies, length: hit.length,
                    title: passage.map { analyzer.match(title: $0.title, terms) } ?? TitleTerms())
            })
        return WordMatches(
            terms: found.terms, statistics: found.statistics,
            hits: ranking.best(count, <).map { best in
                WordHit(
                    row: best.entry.item, frequencies: best.entry.frequencies, length: best.entry.length,
                    title: best.entry.title)
            })
    }

    /// Another sweep is due after so many rows were added or died, and at least a share of all.
    private static let sweepAt = 1024
    private static let sweepShare = 8

    /// Does one step of a sweep through the lexical index, if one is due. Returns false when there is nothing to do.
    func maintainWords(pause: @Sendable () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Bool {
        guard partition.words != nil else { return false }
        let did = try sweep.withLock { sweep throws(ImpRAGError) in
            if sweep.next == nil {
                let changes = try partition.changesSinceWordSweep()
                guard changes >= max(Self.sweepAt, partition.count / Self.sweepShare) else { return false }
                sweep.mark = partition.sweepMark
            }
            sweep.next = try partition.sweepWords(from: sweep.next ?? [])
            if sweep.next == nil { try partition.endWordSweep(sweep.mark) }
            return true
        }
        if did { try pause() }
        return did
    }
}
