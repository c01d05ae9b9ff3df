public import Core
public import Storage
internal import VectorIndex
internal import Words

/// Searches all partitions of an index in one process, without a cluster. Immutable; shared by all threads.
public final class LocalSearch: Sendable {
    private let partitions: [LivePartition]
    private let wordsWeight: Double?

    /// Loads the indexes of all partitions into memory.
    public init(_ directory: IndexDirectory) throws(ImpRAGError) {
        var partitions: [LivePartition] = []
        for number in 0..<directory.partitionCount {
            partitions.append(try LivePartition(try directory.partition(number)))
        }
        self.partitions = partitions
        wordsWeight = directory.manifest.words?.weight
    }

    /// The best `k` passages of the whole index, best first; equal scores by id.
    ///
    /// - Parameter query: `[dimension]`.
    public func search(
        _ query: [Float], k: Int, options: SearchOptions = SearchOptions(), deadline: Deadline
    ) throws(ImpRAGError) -> [ScoredPassage] {
        try vectorList(query, k: k, options: options, deadline)
    }

    /// The best `k` passages by vector, by words or by both, best first, as a cluster finds them.
    ///
    /// - Parameters:
    ///   - query: `[dimension]`; ignored with words only.
    ///   - text: the words; ignored with words off.
    /// - Throws: also `failedPrecondition` when words are requested and the index has none.
    public func search(
        _ query: [Float], text: String, words: WordsOptions, k: Int, options: SearchOptions = SearchOptions(),
        deadline: Deadline
    ) throws(ImpRAGError) -> [ScoredPassage] {
        let depth = words.depth(k: k)
        let byVector = words.mode == .only ? [] : try vectorList(query, k: depth, options: options, deadline)
        let byWords = words.mode == .off ? [] : try wordsList(text, k: depth, filter: options.filter, deadline)
        switch words.mode {
        case .off: return byVector
        case .only: return Array(byWords.prefix(k))
        case .fuse:
            let fusion = RankFusion(weight: words.weight ?? wordsWeight ?? WordsOptions.defaultWeight)
            let places = fusion.join(
                vectors: byVector.map { ByteString($0.passage.id) }, words: byWords.map { ByteString($0.passage.id) },
                count: k)
            return places.enumerated().compactMap { rank, place in
                let passage =
                    place.vectorRank.map { byVector[$0].passage } ?? place.wordsRank.map { byWords[$0].passage }
                return passage.map { ScoredPassage(passage: $0, score: Float(place.score), rank: rank) }
            }
        }
    }

    private func vectorList(
        _ query: [Float], k: Int, options: SearchOptions, _ deadline: Deadline
    ) throws(ImpRAGError) -> [ScoredPassage] {
        var found: [ScoredPassage] = []
        for live in partitions {
            let hits = try live.search(query, k: k, options: options, deadline: deadline).first ?? []
            found += zip(hits, try passages(hits.map(\.row), of: live)).map {
                ScoredPassage(passage: $1, score: $0.score, rank: 0)
            }
        }
        return ScoredPassage.best(k, of: found)
    }

    private func wordsList(
        _ text: String, k: Int, filter: Filter?, _ deadline: Deadline
    ) throws(ImpRAGError) -> [ScoredPassage] {
        var ranking = WordRanking<Passage>()
        for live in partitions {
            guard let found = try live.searchWords(text, count: k, filter: filter, deadline: deadline) else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(live.partition.path) was indexed without its words; index the corpus again, or search with words off"
                )
            }
            try ranking.add(
                terms: found.terms, statistics: found.statistics,
                entries: zip(found.hits, try passages(found.hits.map(\.row), of: live)).map { hit, passage in
                    WordRanking.Entry(
                        item: passage, frequencies: hit.frequencies, length: hit.length, title: hit.title)
                })
        }
        return ranking.best(k, Passage.isFirst).enumerated().map { rank, hit in
            ScoredPassage(passage: hit.entry.item, score: hit.score, rank: rank)
        }
    }

    private func passages(_ rows: [Int], of live: LivePartition) throws(ImpRAGError) -> [Passage] {
        let passages = try live.partition.passages(rows: rows).compactMap(\.self)
        guard passages.count == rows.count else {
            throw ImpRAGError(.dataLoss, "\(live.partition.path) lacks one of the rows \(rows), which its index has")
        }
        return passages
    }
}
