import Cluster
import Core
import Wire

/// One search in flight over all partitions: which replica was asked for which partition, and what to do about those
/// that do not answer, or not soon. Pure: no socket, no clock, no task.
///
/// Several replicas may be asked for a partition at once, and one of them counts: whichever answers all of its part's
/// partitions first. Parts that are asked for the same partitions lie within each other, so that no answer is ever
/// needed by halves.
struct FanOut {
    /// What one node is asked to search: its replicas of some partitions.
    struct Part: Hashable, Sendable {
        /// Counts the parts of this search in the order in which they were asked for.
        let number: Int
        let node: String
        let partitions: [Int]
        /// The time it has.
        let milliseconds: Int
        var reason = ShardTurn.first
        /// The epoch that the node must have applied.
        var minEpoch = 0
    }

    enum Action: Equatable {
        case ask(Part)
        /// Others have answered all of its partitions: its answer is not needed any more.
        ///
        /// - Parameter byHedge: it was overtaken by a hedge.
        case drop(Part, byHedge: Bool)
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
        /// The epoch that each shard must have applied for any search, by name: see `Membership.owed`.
        var owed: [String: Int] = [:]
        /// Equally loaded replicas take turns by it.
        var turn = 0
        /// When another replica is asked for what the first one has not answered yet; nil as long as nobody knows what
        /// is usual.
        var hedgeDelay: Duration?

        /// Passages of all partitions, as far as known.
        var total: Int { passages.values.reduce(0, +) }
    }

    /// The merged hits, best first, and which shards they come from.
    struct Outcome: Equatable {
        let passages: [ScoredPassage]
        let completeness: Completeness
        /// The codes with which the replicas of unanswered partitions failed, `deadlineExceeded` for those that were
        /// late.
        let failureCodes: Set<ErrorCode>
        /// The partitions that were searched, in order, with the epoch that each had applied.
        var partitions: [PartitionFigures] = []
        /// How much words counted, where they were fused.
        var wordsWeight: Double?

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

    private var known: Knowledge
    private let minEpoch: Int
    private let policy: CompletenessPolicy
    private var progress: [Int: Progress]
    private var pending: [Int: Part] = [:]
    private var partCount = 0
    private var isFinished = false
    private var answers: ShardAnswers
    /// What each shard failed with last, and after which time.
    private var failures: [String: (error: ImpRAGError, part: Part, time: Duration)] = [:]
    /// Shards that have turned silent, or gone, since this search began. They may still answer.
    private var lost: Set<String> = []

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
        self.minEpoch = minEpoch
        self.policy = policy
        answers = ShardAnswers(k: k, words: words)
        progress = Dictionary(
            uniqueKeysWithValues: known.topology.collection.partitions.map { ($0.number, Progress()) })
    }

    /// Asks one replica of every partition. Partitions with the same replicas go to the same one of them.
    ///
    /// - Parameter left: milliseconds that the search may take.
    mutating func begin(left: Int) -> [Action] {
        // A partition that nobody serves at the moment is given up already.
        ask(for: known.topology.collection.partitions.map(\.number), .first, left: left) + finishIfDone()
    }

    /// Adds a part's hits for the one query. A reply that no correct shard would send counts as a failure.
    ///
    /// - Parameters:
    ///   - left: milliseconds left for the search.
    ///   - time: since the search began.
    mutating func answered(
        _ number: Int, with reply: ShardSearchReply, left: Int, after time: Duration = .zero
    ) -> [Action] {
        guard let part = pending[number] else { return [] }  // a duplicate, or too late
        do throws(ImpRAGError) {
            try answers.add(reply, to: part, after: time)
        } catch {
            return failed(number, error, left: left, after: time)
        }
        pending[number] = nil
        for partition in part.partitions { progress[partition]?.isAnswered = true }
        return drop(for: part) + finishIfDone()
    }

    /// Drops the parts whose partitions have all been answered by others, `winner` the last of them.
    private mutating func drop(for winner: Part) -> [Action] {
        let needless = pending.values.filter { part in
            part.partitions.allSatisfy { progress[$0]?.isAnswered == true }
        }
        for part in needless { pending[part.number] = nil }
        return needless.sorted { $0.number < $1.number }.map {
            .drop($0, byHedge: winner.reason == .hedge && $0.reason != .hedge)
        }
    }

    /// Asks other replicas for a failed part's partitions, as long as there are any and there is time.
    mutating func failed(
        _ number: Int, _ error: ImpRAGError, left: Int, after time: Duration = .zero
    ) -> [Action] {
        guard let part = pending.removeValue(forKey: number) else { return [] }
        failures[part.node] = (error, part, time)
        for partition in part.partitions { progress[partition]?.failed.insert(part.node) }
        return ask(for: part.partitions.filter(needsReplica), .retry, left: left) + finishIfDone()
    }

    /// The parts asked first take longer than usual: asks other ready replicas for the same, where each partition has
    /// one.
    ///
    /// - Parameter budget: the most parts to ask for.
    mutating func overdue(budget: Int, left: Int) -> [Action] {
        var budget = budget
        var actions: [Action] = []
        for part in pending.values.sorted(by: { $0.number < $1.number }) where part.reason == .first {
            let hasReplicas = part.partitions.allSatisfy { partition in
                progress[partition]?.isAnswered == false && asked(partition) == [part.node]
                    && untried(partition).first.map { known.states[$0] == .ready } == true
            }
            let count = Set(part.partitions.map { untried($0).first }).count
            guard hasReplicas, count <= budget else { continue }
            budget -= count
            actions += ask(for: part.partitions, .hedge, left: left)
        }
        return actions
    }

    /// A shard has turned silent, or gone: asks other replicas for what it has not answered. What it answers after all
    /// counts, if it is the first to do so.
    mutating func lost(_ node: String, left: Int) -> [Action] {
        lost.insert(node)
        // It ranks with those that have not been heard from.
        known.states[node] = nil
        let partitions = pending.values.filter { $0.node == node }.flatMap(\.partitions)
        return ask(for: partitions.sorted().filter(needsReplica), .retry, left: left)
    }

    // MARK: Replicas

    /// The nodes that are working on a partition.
    private func asked(_ partition: Int) -> Set<String> {
        Set(pending.values.lazy.filter { $0.partitions.contains(partition) }.map(\.node))
    }

    /// Whether a partition has no answer, and nobody from whom one is to be expected.
    private func needsReplica(_ partition: Int) -> Bool {
        progress[partition]?.isAnswered == false && asked(partition).isSubset(of: lost)
    }

    /// A partition's replicas that have neither been asked nor failed, best first.
    private func untried(_ partition: Int) -> [String] {
        let tried = asked(partition).union(progress[partition]?.failed ?? [])
        return replicas(of: partition).filter { !tried.contains($0) }
    }

    /// Partitions that are asked for together: of one node, and with the same other parts still open. So parts that
    /// have a partition in common lie within each other.
    private struct Group: Hashable {
        let node: String
        let others: [Int]
    }

    /// Asks each partition's best replica that is untried, with one part per group. A partition with none left is given
    /// up, unless one that was asked may still answer.
    private mutating func ask(for partitions: [Int], _ reason: ShardTurn, left: Int) -> [Action] {
        var groups: [Group: [Int]] = [:]
        var hasMore: Set<Group> = []
        for number in partitions {
            let untried = untried(number)
            guard let node = untried.first, left > 0 else {
                if asked(number).isEmpty { progress[number]?.isGivenUp = true }
                continue
            }
            let group = Group(
                node: node, others: pending.values.filter { $0.partitions.contains(number) }.map(\.number).sorted())
            groups[group, default: []].append(number)
            if untried.count > 1 { hasMore.insert(group) }
        }
        var actions: [Action] = []
        let ordered = groups.sorted {
            (place(of: $0.key.node), $0.value.first ?? 0) < (place(of: $1.key.node), $1.value.first ?? 0)
        }
        for (group, partitions) in ordered {
            // Leaves time to try another replica.
            var milliseconds = hasMore.contains(group) ? max(1, left / 2) : left
            if case .silent? = known.states[group.node], policy == .partial {
                milliseconds = min(milliseconds, Self.silentShardMilliseconds)
            }
            let part = Part(
                number: partCount, node: group.node, partitions: partitions, milliseconds: milliseconds, reason: reason,
                minEpoch: wantedEpoch(of: group.node))
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

    /// The replicas of a partition, best first: of those that are ready, the ones that are known to have the wanted
    /// epoch, then the least loaded, equal ones in turn. The others follow in the topology's order.
    private func replicas(of number: Int) -> [String] {
        let names = known.topology.collection.partitions[number].replicas
        let ready = names.filter { known.states[$0] == .ready }
        let ranked = ready.indices.map { place in
            let name = ready[(place + known.turn) % ready.count]
            let isBehind = wantedEpoch(of: name) > known.epochs[name] ?? 0
            return (name: name, rank: (isBehind ? 1 : 0, known.loads[name] ?? 0, place))
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.name) + names.filter { known.states[$0] != .ready }
    }

    private func wantedEpoch(of node: String) -> Int { max(minEpoch, known.owed[node] ?? 0) }

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
        var outcomes = answers.byNode
        for (name, failure) in failures {
            var outcome = outcomes[name] ?? ShardOutcome(name: name, state: .failed, passagesSearched: 0)
            outcome.state = failure.error.code == .deadlineExceeded ? .timedOut : .failed
            outcome.message = failure.error.message
            if failure.time >= outcome.duration {
                (outcome.duration, outcome.turn) = (failure.time, failure.part.reason)
            }
            outcomes[name] = outcome
        }
        let unserved = unanswered.sorted().filter { known.topology.collection.partitions[$0].replicas.isEmpty }.map {
            ShardOutcome(
                name: "partition \($0)", state: .failed, message: "no shard serves it at the moment",
                passagesSearched: 0)
        }
        return Outcome(
            passages: answers.best(),
            completeness: Completeness(
                shards: outcomes.values.sorted { place(of: $0.name) < place(of: $1.name) } + unserved,
                passagesSearched: answers.passagesSearched,
                passagesTotal: answers.passagesSearched + unanswered.reduce(0) { $0 + (known.passages[$1] ?? 0) },
                isComplete: unanswered.isEmpty),
            // Where another replica answered, a failure is no cause.
            failureCodes: Set(
                unanswered.flatMap { progress[$0]?.failed ?? [] }.compactMap { failures[$0]?.error.code }),
            partitions: answers.partitions, wordsWeight: answers.wordsWeight)
    }
}
