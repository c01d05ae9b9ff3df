import Cluster
import Core
import Wire
import Words

/// One search in flight over all partitions: which replica was asked for which partition, what it found, and what to do
/// about those that did not answer. Pure: no socket, no clock, no task.
struct FanOut {
    /// What one node is asked to search: its replicas of some partitions.
    struct Part: Hashable, Sendable {
        /// Counts the parts of this search in the order in which they were asked for.
        let number: Int
        let node: String
        let partitions: [Int]
        /// The time it has.
        let milliseconds: Int
    }

    enum Action: Equatable {
        case ask(Part)
        case finish(Outcome)
    }

    /// What a coordinator knows about the shards when a search begins.
    struct Knowledge: Sendable {
        var topology: Topology
        /// By name; a node that is missing here has not been heard from.
        var states: [String: Membership.State] = [:]
        /// Passages of each partition, by number, as far as known.
        var passages: [Int: Int] = [:]
        /// Searches of this coordinator that each shard is working on, by name.
        var loads: [String: Int] = [:]
        /// The epoch that each shard had applied when it was last asked, by name.
        var epochs: [String: Int] = [:]
        /// Equally loaded replicas take turns by it.
        var turn = 0

        /// Passages of all partitions, as far as known.
        var total: Int { passages.values.reduce(0, +) }
    }

    /// The merged hits, best first, and which shards they come from.
    struct Outcome: Equatable {
        let passages: [ScoredPassage]
        let completeness: Completeness
        /// The codes with which the replicas of unanswered partitions failed, `deadlineExceeded` for those that were late.
        let failureCodes: Set<ErrorCode>

        /// The outcome of a request that wants no passages: no shard is asked, and nothing is missing.
        static func nothingAsked(_ known: Knowledge) -> Outcome {
            Outcome(
                passages: [],
                completeness: Completeness(
                    shards: [], passagesSearched: 0, passagesTotal: known.total, isComplete: true),
                failureCodes: [])
        }

        /// What the caller gets: an incomplete search is an error unless partial answers are welcome.
        func checked(_ policy: CompletenessPolicy) throws(ImpRAGError) -> Outcome {
            guard policy == .fail, !completeness.isComplete else { return self }
            let missing = completeness.shards.filter { $0.state != .answered }
            let answered = completeness.shards.count - missing.count
            // A single cause keeps its code; several mean, to the caller, a cluster that is not all there.
            let code = failureCodes.count == 1 ? failureCodes.first ?? .unavailable : .unavailable
            throw ImpRAGError(
                code,
                "\(answered) of \(completeness.shards.count) shards answered; "
                    + missing.map { "\($0.name): \($0.message)" }.joined(separator: "; ")
                    + "; ask again, or allow partial answers")
        }
    }

    /// What has become of a partition.
    private struct Progress {
        /// Replicas that have failed.
        var failed: Set<String> = []
        /// A partition is settled by an answer, or given up when no replica is left.
        var isAnswered = false
        var isGivenUp = false
    }

    /// What has become of a shard's parts.
    private struct ShardProgress {
        var passagesSearched = 0
        var failure: ImpRAGError?
    }

    private let known: Knowledge
    private let k: Int
    private let words: WordsOptions
    private let minEpoch: Int
    private let policy: CompletenessPolicy
    private var progress: [Int: Progress]
    private var pending: [Int: Part] = [:]
    private var partCount = 0
    private var isFinished = false
    private var shards: [String: ShardProgress] = [:]
    /// Passages of the partitions that have answered.
    private var passagesSearched = 0
    /// The weight of words that the served index was calibrated to.
    private var wordsWeight: Double?
    /// Found by vectors.
    private var hits: [ScoredPassage] = []
    private var wordHits = WordRanking<Passage>()

    /// How long a silent shard may delay a search that can do without it.
    static let silentShardMilliseconds = 1000

    /// - Parameters:
    ///   - k: passages wanted.
    ///   - words: which lists they come from.
    ///   - minEpoch: the epoch that the shards must have applied.
    ///   - policy: whether the search can do without a shard.
    init(
        _ known: Knowledge, k: Int, words: WordsOptions = WordsOptions(), minEpoch: Int = 0,
        policy: CompletenessPolicy = .fail
    ) {
        self.known = known
        self.k = k
        self.words = words
        self.minEpoch = minEpoch
        self.policy = policy
        progress = Dictionary(
            uniqueKeysWithValues: known.topology.collection.partitions.map { ($0.number, Progress()) })
    }

    /// Passages that each list needs.
    private var depth: Int { words.depth(k: k) }

    /// Asks one replica of every partition. Partitions with the same replicas go to the same one of them.
    ///
    /// - Parameter left: milliseconds that the search may take.
    mutating func begin(left: Int) -> [Action] {
        // A partition that nobody serves at the moment is given up already.
        ask(for: known.topology.collection.partitions.map(\.number), left: left) + finishIfDone()
    }

    /// Adds a part's hits for the one query. A reply that no correct shard would send counts as a failure.
    ///
    /// - Parameter left: milliseconds left for the search.
    mutating func answered(_ number: Int, with reply: ShardSearchReply, left: Int) -> [Action] {
        guard let part = pending[number] else { return [] }  // a duplicate, or too late
        if let problem = problem(of: reply, to: part) { return failed(number, problem, left: left) }
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
                return failed(number, error, left: left)
            }
            wordsWeight = wordsWeight ?? found.weight
        }
        pending[number] = nil
        hits += reply.queries.first?.passages ?? []
        passagesSearched += reply.passagesSearched
        shards[part.node, default: ShardProgress()].passagesSearched += reply.passagesSearched
        for partition in part.partitions { progress[partition]?.isAnswered = true }
        return finishIfDone()
    }

    /// What is wrong with a reply to a part of this search; nil when nothing is.
    private func problem(of reply: ShardSearchReply, to part: Part) -> ImpRAGError? {
        problem(ofLists: reply) ?? problem(ofPartitions: reply.partitions.map(\.partition), to: part)
    }

    private func problem(ofPartitions searched: [Int], to part: Part) -> ImpRAGError? {
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

    /// Asks other replicas for a failed part's partitions, as long as there are any and there is time.
    mutating func failed(_ number: Int, _ error: ImpRAGError, left: Int) -> [Action] {
        guard let part = pending.removeValue(forKey: number) else { return [] }
        shards[part.node, default: ShardProgress()].failure = error
        for partition in part.partitions { progress[partition]?.failed.insert(part.node) }
        return ask(for: part.partitions, left: left) + finishIfDone()
    }

    // MARK: Replicas

    /// Asks each partition's best replica that has not failed yet, with one part per node. A partition with none left
    /// is given up.
    private mutating func ask(for partitions: [Int], left: Int) -> [Action] {
        var byNode: [String: [Int]] = [:]
        var hasMore: Set<String> = []
        for number in partitions {
            let untried = replicas(of: number).filter { progress[number]?.failed.contains($0) == false }
            guard let node = untried.first, left > 0 else {
                progress[number]?.isGivenUp = true
                continue
            }
            byNode[node, default: []].append(number)
            if untried.count > 1 { hasMore.insert(node) }
        }
        var actions: [Action] = []
        for node in byNode.keys.sorted(by: { place(of: $0) < place(of: $1) }) {
            // Leaves time to try another replica.
            var milliseconds = hasMore.contains(node) ? max(1, left / 2) : left
            if case .silent? = known.states[node], policy == .partial {
                milliseconds = min(milliseconds, Self.silentShardMilliseconds)
            }
            let part = Part(
                number: partCount, node: node, partitions: byNode[node] ?? [], milliseconds: milliseconds)
            partCount += 1
            pending[part.number] = part
            actions.append(.ask(part))
        }
        // A node that runs another model is not asked: it has failed already.
        return actions.flatMap { action -> [Action] in
            guard case .ask(let part) = action, case .refused(let message)? = known.states[part.node] else {
                return [action]
            }
            return failed(part.number, ImpRAGError(.failedPrecondition, message), left: left)
        }
    }

    /// The replicas of a partition, best first: of those that are ready, the ones that are known to have the wanted epoch,
    /// then the least loaded, equal ones in turn. The others follow in the topology's order.
    private func replicas(of number: Int) -> [String] {
        let names = known.topology.collection.partitions[number].replicas
        let ready = names.filter { known.states[$0] == .ready }
        let ranked = ready.indices.map { place in
            let name = ready[(place + known.turn) % ready.count]
            let isBehind = minEpoch > known.epochs[name] ?? 0
            return (name: name, rank: (isBehind ? 1 : 0, known.loads[name] ?? 0, place))
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.name) + names.filter { known.states[$0] != .ready }
    }

    private func place(of node: String) -> Int {
        known.topology.nodes.firstIndex { $0.name == node } ?? .max
    }

    // MARK: The end

    private mutating func finishIfDone() -> [Action] {
        guard !isFinished, pending.isEmpty, progress.values.allSatisfy({ $0.isAnswered || $0.isGivenUp }) else {
            return []
        }
        isFinished = true
        return [.finish(merged())]
    }

    private func merged() -> Outcome {
        let unanswered = progress.filter { !$0.value.isAnswered }.keys
        let outcomes = shards.keys.sorted { place(of: $0) < place(of: $1) }.map { name in
            let shard = shards[name] ?? ShardProgress()
            let state: ShardState =
                switch shard.failure?.code {
                case nil: .answered
                case .deadlineExceeded?: .timedOut
                case _?: .failed
                }
            return ShardOutcome(
                name: name, state: state, message: shard.failure?.message ?? "",
                passagesSearched: shard.passagesSearched)
        }
        let unserved = unanswered.sorted().filter { known.topology.collection.partitions[$0].replicas.isEmpty }.map {
            ShardOutcome(
                name: "partition \($0)", state: .failed, message: "no shard serves it at the moment",
                passagesSearched: 0)
        }
        return Outcome(
            passages: best(),
            completeness: Completeness(
                shards: outcomes + unserved, passagesSearched: passagesSearched,
                passagesTotal: passagesSearched + unanswered.reduce(0) { $0 + (known.passages[$1] ?? 0) },
                isComplete: unanswered.isEmpty),
            // Where another replica answered, a failure is no cause.
            failureCodes: Set(
                unanswered.flatMap { progress[$0]?.failed ?? [] }.compactMap { shards[$0]?.failure?.code }))
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
        let fusion = RankFusion(weight: words.weight ?? wordsWeight ?? WordsOptions.defaultWeight)
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
