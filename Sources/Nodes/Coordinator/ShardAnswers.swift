import Cluster
import Core
import Wire
import Words

/// What the replicas of a search's partitions have found, one answer a partition. Pure.
struct ShardAnswers {
    private let k: Int
    private let words: WordsOptions
    private var answers: [(part: FanOut.Part, reply: ShardSearchReply, time: Duration)] = []
    private var wordHits = WordRanking<Passage>()

    init(k: Int, words: WordsOptions) {
        self.k = k
        self.words = words
    }

    /// Passages that each list needs.
    private var depth: Int { words.depth(k: k) }

    /// Passages of the partitions that have answered.
    var passagesSearched: Int { answers.reduce(0) { $0 + $1.reply.passagesSearched } }

    /// What became of the shards that answered, by name.
    var byNode: [String: ShardOutcome] {
        var outcomes: [String: ShardOutcome] = [:]
        for (part, reply, time) in answers {
            var outcome =
                outcomes[part.node] ?? ShardOutcome(name: part.node, state: .answered, passagesSearched: 0)
            outcome.passagesSearched += reply.passagesSearched
            outcome.partitions += reply.partitions
            if time >= outcome.duration {
                (outcome.duration, outcome.searchTime, outcome.turn) = (time, reply.searchTime, part.reason)
            }
            outcomes[part.node] = outcome
        }
        return outcomes
    }

    /// The partitions that have answered, in order.
    var partitions: [PartitionFigures] { answers.flatMap(\.reply.partitions).sorted { $0.partition < $1.partition } }

    /// The weight of words: the request's, else what the served index was calibrated to. Nil unless they are fused.
    var wordsWeight: Double? {
        guard words.mode == .fuse else { return nil }
        let calibrated = answers.lazy.compactMap { $0.reply.words?.weight }.first
        return words.weight ?? calibrated ?? WordsOptions.defaultWeight
    }

    /// Adds the answer to a part. It replaces those to parts of the same partitions.
    ///
    /// - Parameter time: since the search began.
    /// - Throws: what is wrong with it; nothing has changed then.
    mutating func add(
        _ reply: ShardSearchReply, to part: FanOut.Part, after time: Duration = .zero
    ) throws(ImpRAGError) {
        if let problem = problem(of: reply, to: part) { throw problem }
        let others = answers.filter { Set($0.part.partitions).isDisjoint(with: part.partitions) }
        var ranking = wordHits
        if others.count < answers.count {
            ranking = WordRanking()
            for found in others.compactMap({ $0.reply.words }) { try ranking.add(found) }
        }
        if let found = reply.words { try ranking.add(found) }
        wordHits = ranking
        answers = others + [(part, reply, time)]
    }

    // MARK: Checking

    /// What is wrong with a reply to a part of this search; nil when nothing is.
    private func problem(of reply: ShardSearchReply, to part: FanOut.Part) -> ImpRAGError? {
        problem(ofLists: reply) ?? problem(ofPartitions: reply.partitions.map(\.partition), to: part)
    }

    private func problem(ofPartitions searched: [Int], to part: FanOut.Part) -> ImpRAGError? {
        guard searched.sorted() != part.partitions.sorted() else { return nil }
        func words(_ partitions: [Int]) -> String {
            partitions.isEmpty ? "none" : partitions.map(String.init).joined(separator: ", ")
        }
        return ImpRAGError(
            .failedPrecondition,
            "it was asked for the partitions \(words(part.partitions)) and searched \(words(searched)); are its version and "
                + "its cluster file the same?")
    }

    private func problem(ofLists reply: ShardSearchReply) -> ImpRAGError? {
        let listCount = words.mode == .only ? 0 : 1
        let found = reply.queries.first?.passages ?? []
        guard reply.queries.count == listCount, found.count <= depth, found.allSatisfy({ $0.score.isFinite }) else {
            return ImpRAGError(
                .internal,
                "it sent \(reply.queries.count) lists with \(found.count) hits; \(listCount == 1 ? "one" : "none") of at "
                    + "most \(depth), with finite scores, is right")
        }
        guard words.mode != .off else {
            return reply.words == nil ? nil : ImpRAGError(.internal, "it searched for words that nobody asked for")
        }
        guard let words = reply.words else {
            return ImpRAGError(
                .failedPrecondition, "it ignored the words: it is of a version without them; update it")
        }
        guard words.hits.count <= depth else {
            return ImpRAGError(
                .internal, "it sent \(words.hits.count) hits for the words; at most \(depth) are right")
        }
        return nil
    }

    // MARK: Merging

    /// The best `k` of all hits.
    func best() -> [ScoredPassage] {
        switch words.mode {
        case .off:
            ScoredPassage.best(k, of: hits)
        case .only:
            wordsList(k).enumerated().map { rank, hit in
                ScoredPassage(
                    passage: hit.entry.item, score: hit.score, rank: rank,
                    byWords: ListPlace(score: hit.score, rank: rank))
            }
        case .fuse: fused()
        }
    }

    /// Found by vectors.
    private var hits: [ScoredPassage] { answers.flatMap { $0.reply.queries.first?.passages ?? [] } }

    private func wordsList(_ count: Int) -> [(entry: WordRanking<Passage>.Entry, score: Float)] {
        wordHits.best(count, Passage.isFirst)
    }

    private func fused() -> [ScoredPassage] {
        let (vectors, texts) = (ScoredPassage.best(depth, of: hits), wordsList(depth))
        let fusion = RankFusion(weight: wordsWeight ?? WordsOptions.defaultWeight)
        let places = fusion.join(
            vectors: vectors.map { ByteString($0.passage.id) }, words: texts.map { ByteString($0.entry.item.id) },
            count: k)
        return places.enumerated().compactMap { rank, place in
            let byVector = place.vectorRank.map { ListPlace(score: vectors[$0].score, rank: $0) }
            let byWords = place.wordsRank.map { ListPlace(score: texts[$0].score, rank: $0) }
            let passage =
                place.vectorRank.map { vectors[$0].passage } ?? place.wordsRank.map { texts[$0].entry.item }
            return passage.map {
                ScoredPassage(
                    passage: $0, score: Float(place.score), rank: rank, byVector: byVector, byWords: byWords)
            }
        }
    }
}
