import Core
import Wire
import Words

/// One search in flight over all shards: who has answered, what they found, and what to make of those that did not.
///
/// Pure: no socket, no clock, no task.
struct FanOut {
    enum Action: Equatable {
        case wait
        case finish(Outcome)
    }

    /// The merged hits, best first, and which shards they come from.
    struct Outcome: Equatable {
        let passages: [ScoredPassage]
        let completeness: Completeness
        /// The codes with which shards failed, `deadlineExceeded` for those that were late.
        let failureCodes: Set<ErrorCode>

        /// The outcome of a request that wants no passages: nobody is asked, and nothing is missing.
        static func nothingAsked(of shards: [(name: String, passages: Int)]) -> Outcome {
            Outcome(
                passages: [],
                completeness: Completeness(
                    shards: [], passagesSearched: 0, passagesTotal: shards.reduce(0) { $0 + $1.passages },
                    isComplete: true),
                failureCodes: [])
        }

        /// What the caller gets: the error that an incomplete search is, unless partial answers are welcome.
        func checked(_ policy: CompletenessPolicy) throws(ImpRAGError) -> Outcome {
            guard policy == .fail, !completeness.isComplete else { return self }
            let missing = completeness.shards.filter { $0.state != .answered }
            let answered = completeness.shards.count - missing.count
            // One cause keeps its code; several are, for the caller, a cluster that is not all there.
            let code = failureCodes.count == 1 ? failureCodes.first ?? .unavailable : .unavailable
            throw ImpRAGError(
                code,
                "\(answered) of \(completeness.shards.count) shards answered; "
                    + missing.map { "\($0.name): \($0.message)" }.joined(separator: "; ")
                    + "; ask again, or allow partial answers")
        }
    }

    private struct Shard {
        /// Passages that it is known to hold.
        var passages: Int
        var outcome: ShardOutcome?
        /// How much words count by the calibration of the index that it serves.
        var wordsWeight: Double?
    }

    private var shards: [String: Shard]
    /// Names in the cluster file's order.
    private let order: [String]
    private let k: Int
    private let words: WordsOptions
    private let milliseconds: Int
    /// Found by vectors.
    private var hits: [ScoredPassage] = []
    private var wordHits = WordRanking<Passage>()
    private var failureCodes: Set<ErrorCode> = []
    private var pendingCount: Int

    /// - Parameters:
    ///   - shards: names, and the passages that each is known to hold, 0 when that is not known.
    ///   - k: passages wanted.
    ///   - words: which lists they come from.
    ///   - milliseconds: how long shards may take, for messages.
    init(
        shards: [(name: String, passages: Int)], k: Int, words: WordsOptions = WordsOptions(), milliseconds: Int
    ) {
        order = shards.map(\.name)
        self.shards = Dictionary(uniqueKeysWithValues: shards.map { ($0.name, Shard(passages: $0.passages)) })
        self.k = k
        self.words = words
        self.milliseconds = milliseconds
        pendingCount = shards.count
    }

    /// Passages that each list needs.
    private var depth: Int { words.depth(k: k) }

    /// A shard's hits for the one query; hits that no shard of ours sends make it a failed one.
    mutating func answered(_ name: String, with reply: ShardSearchReply) -> Action {
        if let problem = problem(of: reply) { return failed(name, problem) }
        guard isPending(name) else { return .wait }  // a duplicate, or too late
        if let found = reply.words {
            do throws(ImpRAGError) {
                try wordHits.add(
                    terms: found.terms,
                    statistics: WordStatistics(
                        passages: found.passages, tokens: found.tokens, frequencies: found.passagesWithTerm),
                    entries: found.hits.map { hit in
                        WordRanking.Entry(
                            item: hit.passage, frequencies: hit.frequencies, length: hit.length,
                            title: TitleTerms(terms: hit.titleTerms, count: hit.titleCount))
                    })
            } catch {
                return failed(name, error)
            }
            shards[name]?.wordsWeight = found.weight
        }
        hits += reply.queries.first?.passages ?? []
        shards[name]?.passages = reply.passagesSearched
        return settle(
            ShardOutcome(name: name, state: .answered, passagesSearched: reply.passagesSearched))
    }

    /// What is wrong with a reply to this search; nil when nothing is.
    private func problem(of reply: ShardSearchReply) -> ImpRAGError? {
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

    mutating func failed(_ name: String, _ error: ImpRAGError) -> Action {
        guard isPending(name) else { return .wait }
        failureCodes.insert(error.code)
        let isLate = error.code == .deadlineExceeded
        return settle(
            ShardOutcome(
                name: name, state: isLate ? .timedOut : .failed,
                message: error.message, passagesSearched: 0))
    }

    /// Gives up on every shard that has not answered.
    mutating func deadlinePassed() -> Action {
        var action = Action.wait
        for name in order where isPending(name) {
            action = failed(name, ImpRAGError(.deadlineExceeded, lateMessage))
        }
        return action
    }

    private var lateMessage: String { "no answer within \(milliseconds) ms" }

    private func isPending(_ name: String) -> Bool {
        guard let shard = shards[name] else { return false }
        return shard.outcome == nil
    }

    private mutating func settle(_ outcome: ShardOutcome) -> Action {
        shards[outcome.name]?.outcome = outcome
        pendingCount -= 1
        return pendingCount == 0 ? .finish(merged()) : .wait
    }

    private func merged() -> Outcome {
        let outcomes = order.compactMap { shards[$0]?.outcome }
        return Outcome(
            passages: best(),
            completeness: Completeness(
                shards: outcomes,
                passagesSearched: outcomes.reduce(0) { $0 + $1.passagesSearched },
                passagesTotal: order.reduce(0) { $0 + (shards[$1]?.passages ?? 0) },
                isComplete: outcomes.allSatisfy { $0.state == .answered }),
            failureCodes: failureCodes)
    }

    /// The best `k` of all hits.
    private func best() -> [ScoredPassage] {
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

    private func wordsList(_ count: Int) -> [(entry: WordRanking<Passage>.Entry, score: Float)] {
        wordHits.best(count, Passage.isFirst)
    }

    private func fused() -> [ScoredPassage] {
        let (vectors, texts) = (ScoredPassage.best(depth, of: hits), wordsList(depth))
        let calibrated = order.lazy.compactMap { shards[$0]?.wordsWeight }.first
        let fusion = RankFusion(weight: words.weight ?? calibrated ?? WordsOptions.defaultWeight)
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
