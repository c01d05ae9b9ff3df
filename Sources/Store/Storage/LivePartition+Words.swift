public import Core
internal import Synchronization
internal import VectorIndex
public import Words

/// Search by words.
extension LivePartition {
    /// Terms of a query beyond so many are passed over: a search keeps a directory of each term's rows, some 0.5 bytes a row that has it.
    public static let wordTermLimit = 64

    /// So many of the best by BM25 alone, or as many as are wanted, are looked at for their titles.
    private static let titleDepth = 64

    /// The best `count` passages for the words of `text`, with what their scores are made of: the best by BM25 of title and text, in the
    /// order that their titles give them.
    ///
    /// - Returns: nil when the partition has no lexical index, because it was indexed before there were any.
    /// - Throws: `invalidArgument` for a count below 1 and for the filter, `deadlineExceeded`, `dataLoss` when something is damaged.
    public func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> WordMatches? {
        guard count > 0 else { throw ImpRAGError(.invalidArgument, "\(count) passages cannot be searched for") }
        guard let analysis = partition.words else { return nil }
        // Before the postings: those of whatever is live now are there when they are read.
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

    /// Rows that came or died since the last sweep from which on another is worth it, beside a share of all.
    private static let sweepAt = 1024
    private static let sweepShare = 8

    /// Goes a step through the lexical index, when enough has changed. Returns false when there is nothing to do.
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
