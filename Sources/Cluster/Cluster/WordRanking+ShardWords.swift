public import Core
public import Wire
public import Words

extension WordRanking<Passage> {
    /// Adds what a shard, or a part of one, found by words.
    ///
    /// - Throws: as `add(terms:statistics:entries:)`.
    public mutating func add(_ found: ShardWords) throws(ImpRAGError) {
        try add(
            terms: found.terms,
            statistics: WordStatistics(
                passages: found.passages, tokens: found.tokens, frequencies: found.passagesWithTerm),
            entries: found.hits.map { hit in
                Entry(
                    item: hit.passage, frequencies: hit.frequencies, length: hit.length,
                    title: TitleTerms(terms: hit.titleTerms, count: hit.titleCount))
            })
    }
}
