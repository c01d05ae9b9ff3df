public import Core
public import PassageStore
internal import Retrieval
internal import VectorIndex
internal import Words

/// Every partition of an index in one process: search without a cluster. Immutable; shared by all threads.
public final class LocalSearch: Sendable {
    /// A found passage and the score that it stands by: the inner product, with words fused the joined score, with words only
    /// the score by words.
    public struct Found: Sendable {
        public let passage: Passage
        public let score: Float
    }

    private let shards: [LivePartition]
    private let wordsWeight: Double?

    /// Loads the indexes of all partitions into memory.
    public init(_ directory: IndexDirectory) throws(ImpRAGError) {
        var shards: [LivePartition] = []
        for shard in 0..<directory.shardCount { shards.append(try LivePartition(try directory.partition(shard))) }
        self.shards = shards
        wordsWeight = directory.manifest.words?.weight
    }

    /// The best `k` passages of the whole index, best first; equal scores by shard, then by row.
    ///
    /// - Parameter query: `[dimension]`.
    public func search(
        _ query: [Float], k: Int, options: SearchOptions = SearchOptions(), deadline: Deadline
    ) throws(ImpRAGError) -> [Found] {
        try vectorList(query, k: k, options: options, deadline).map { hit throws(ImpRAGError) in
            Found(passage: try passage(hit.place), score: hit.score)
        }
    }

    /// The best `k` passages by vector, by words or by both, best first, as a cluster finds them.
    ///
    /// - Parameters:
    ///   - query: `[dimension]`; not looked at with words only.
    ///   - text: the words; not looked at with words off.
    /// - Throws: also `failedPrecondition` when words are asked for and the index has none.
    public func search(
        _ query: [Float], text: String, words: WordsOptions, k: Int, options: SearchOptions = SearchOptions(),
        deadline: Deadline
    ) throws(ImpRAGError) -> [Found] {
        let depth = words.depth(k: k)
        let byVector = words.mode == .only ? [] : try vectorList(query, k: depth, options: options, deadline)
        let byWords = words.mode == .off ? [] : try wordsList(text, k: depth, filter: options.filter, deadline)
        let hits: [(place: IndexPlace, score: Float)]
        switch words.mode {
        case .off: hits = byVector
        case .only: hits = Array(byWords.prefix(k))
        case .fuse:
            let fusion = RankFusion(weight: words.weight ?? wordsWeight ?? WordsOptions.defaultWeight)
            hits = fusion.join(vectors: byVector.map(\.place), words: byWords.map(\.place), count: k).map {
                ($0.id, Float($0.score))
            }
        }
        return try hits.map { hit throws(ImpRAGError) in Found(passage: try passage(hit.place), score: hit.score) }
    }

    /// Equal scores by shard, then by row.
    private func vectorList(
        _ query: [Float], k: Int, options: SearchOptions, _ deadline: Deadline
    ) throws(ImpRAGError) -> [(place: IndexPlace, score: Float)] {
        var hits: [(place: IndexPlace, score: Float)] = []
        for (shard, live) in shards.enumerated() {
            for hit in try live.search(query, k: k, options: options, deadline: deadline).first ?? [] {
                hits.append((IndexPlace(shard: shard, row: hit.row), hit.score))
            }
        }
        hits.sort { ($1.score, $0.place) < ($0.score, $1.place) }
        return Array(hits.prefix(k))
    }

    private func wordsList(
        _ text: String, k: Int, filter: Filter?, _ deadline: Deadline
    ) throws(ImpRAGError) -> [(place: IndexPlace, score: Float)] {
        var ranking = WordRanking<IndexPlace>()
        for (shard, live) in shards.enumerated() {
            guard let found = try live.searchWords(text, count: k, filter: filter, deadline: deadline) else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(live.partition.path) was indexed without its words; index the corpus again, or search with words off"
                )
            }
            try ranking.add(
                terms: found.terms, statistics: found.statistics,
                entries: found.hits.map { hit in
                    WordRanking.Entry(
                        item: IndexPlace(shard: shard, row: hit.row), frequencies: hit.frequencies, length: hit.length)
                })
        }
        return ranking.best(k, <).map { ($0.entry.item, $0.score) }
    }

    private func passage(_ place: IndexPlace) throws(ImpRAGError) -> Passage {
        let partition = shards[place.shard].partition
        guard let passage = try partition.passages(rows: [place.row]).first ?? nil else {
            throw ImpRAGError(.dataLoss, "\(partition.path) lacks row \(place.row), which its index has")
        }
        return passage
    }
}
