import Core
import Wire

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
    }

    private var shards: [String: Shard]
    /// Names in the cluster file's order.
    private let order: [String]
    private let k: Int
    private let milliseconds: Int
    private var hits: [ScoredPassage] = []
    private var failureCodes: Set<ErrorCode> = []
    private var pendingCount: Int

    /// - Parameters:
    ///   - shards: names, and the passages that each is known to hold, 0 when that is not known.
    ///   - k: passages wanted.
    ///   - milliseconds: how long shards may take, for messages.
    init(shards: [(name: String, passages: Int)], k: Int, milliseconds: Int) {
        order = shards.map(\.name)
        self.shards = Dictionary(uniqueKeysWithValues: shards.map { ($0.name, Shard(passages: $0.passages)) })
        self.k = k
        self.milliseconds = milliseconds
        pendingCount = shards.count
    }

    /// A shard's hits for the one query; hits that no shard of ours sends make it a failed one.
    mutating func answered(_ name: String, with reply: ShardSearchReply) -> Action {
        guard reply.queries.count == 1, let found = reply.queries.first?.passages, found.count <= k,
            found.allSatisfy({ $0.score.isFinite })
        else {
            return failed(
                name,
                ImpRAGError(
                    .internal,
                    "it sent \(reply.queries.count) lists with \(reply.queries.first?.passages.count ?? 0) hits; one of at "
                        + "most \(k), with finite scores, is right"))
        }
        guard isPending(name) else { return .wait }  // a duplicate, or too late
        hits += found
        shards[name]?.passages = reply.passagesSearched
        return settle(
            ShardOutcome(name: name, state: .answered, passagesSearched: reply.passagesSearched))
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

    /// The best `k` of all hits: by score, equal scores by id, so that the order does not depend on who was first.
    private func merged() -> Outcome {
        let best = hits.sorted { ($1.score, $0.passage.id) < ($0.score, $1.passage.id) }.prefix(k)
        let outcomes = order.compactMap { shards[$0]?.outcome }
        return Outcome(
            passages: best.enumerated().map { rank, hit in
                ScoredPassage(passage: hit.passage, score: hit.score, rank: rank)
            },
            completeness: Completeness(
                shards: outcomes,
                passagesSearched: outcomes.reduce(0) { $0 + $1.passagesSearched },
                passagesTotal: order.reduce(0) { $0 + (shards[$1]?.passages ?? 0) },
                isComplete: outcomes.allSatisfy { $0.state == .answered }),
            failureCodes: failureCodes)
    }
}
