import Cluster
import Core
import Wire

/// From a prompt to its passages: what asks and searches have in common. Pure.
struct Retrieval {
    /// What is asked for.
    struct Query: Sendable {
        let prompt: String
        /// Passages wanted; with 0 no shard is asked.
        let k: Int
        let words: WordsOptions
        let options: SearchOptions
        let policy: CompletenessPolicy
        /// The shards' share of the time that is left when the search begins.
        let share: Double
        /// The request's.
        let deadline: Deadline

        func request(_ part: FanOut.Part) -> ShardSearchRequest {
            let depth = words.depth(k: k)
            var options = options
            options.minEpoch = part.minEpoch
            return ShardSearchRequest(
                k: words.mode == .only ? 0 : depth, options: options,
                words: words.mode == .off
                    ? nil : WordsQuery(text: Question.words(ofPrompt: prompt), count: depth),
                partitions: part.partitions)
        }
    }

    enum Step {
        case act([SessionAction])
        /// The passages, and what is still to be done for the search.
        case found(FanOut.Outcome, last: [SessionAction])
        case failed(ImpRAGError)
    }

    let query: Query
    /// Nil until the bottom layers have run, and when only words are searched.
    private(set) var prompt: EncodedPrompt?
    private(set) var timings = Timings()
    private var fanOut: FanOut?
    private var tensors: [Tensor] = []
    private var searchStart: ContinuousClock.Instant?
    /// The shards' deadline.
    private var searchDeadline: Deadline?

    init(_ query: Query) {
        self.query = query
    }

    /// - Parameter places: takes the prompt's token count, returns how many passages it leaves positions for, and
    ///   throws when the prompt is too long.
    mutating func handle(
        _ event: SessionEvent, at now: ContinuousClock.Instant, places: (Int) throws(ImpRAGError) -> Int
    ) -> Step {
        let left = left(at: now)
        do throws(ImpRAGError) {
            switch event {
            case .tokenized(let tokens):
                let tokens = try tokens.get()
                return .act([.encode(tokens, k: try places(tokens.count))])
            case .encoded(let encoded):
                let encoded = try encoded.get()
                prompt = encoded
                (timings.queue, timings.prompt) = (encoded.queueTime, encoded.promptTime)
                if query.words.mode != .only {
                    tensors = [Tensor(encoded.queryEmbedding, shape: [1, encoded.queryEmbedding.count])]
                }
                return .act([.look])
            case .looked(let known): return try search(known, at: now)
            case .part(let number, let result): return try settle(number, result, at: now)
            case .overdue(let budget):
                return try step(fanOut?.overdue(budget: budget, left: left) ?? [], at: now)
            case .lost(let name): return try step(fanOut?.lost(name, left: left) ?? [], at: now)
            case .reserved, .generatorsChanged, .alarm, .generated, .abandoned: return .act([])
            }
        } catch {
            return .failed(error)
        }
    }

    /// A search by words alone needs no model.
    func begin() -> [SessionAction] { query.words.mode == .only ? [.look] : [.tokenize(.plain(query.prompt))] }

    private mutating func search(_ known: FanOut.Knowledge, at now: ContinuousClock.Instant) throws(ImpRAGError) -> Step
    {
        searchStart = now
        guard query.k > 0 else { return .found(FanOut.Outcome.nothingAsked(known), last: []) }
        let left = max(1, Int(Double(query.deadline.remainingMilliseconds(at: now)) * query.share))
        searchDeadline = Deadline(now + .milliseconds(left), on: query.deadline.clock)
        var fanOut = FanOut(
            known, k: query.k, words: query.words, minEpoch: query.options.minEpoch, policy: query.policy)
        let actions = fanOut.begin(left: left)
        self.fanOut = fanOut
        let step = try step(actions, at: now)
        let hasReplicas = known.topology.collection.partitions.contains { $0.replicas.count > 1 }
        guard case .act(let asked) = step, hasReplicas, let delay = known.hedgeDelay else { return step }
        return .act(asked + [.hedge(at: now + delay)])
    }

    private func left(at now: ContinuousClock.Instant) -> Int {
        searchDeadline?.remainingMilliseconds(at: now) ?? 0
    }

    private mutating func settle(
        _ number: Int, _ result: Result<ShardSearchReply, ImpRAGError>, at now: ContinuousClock.Instant
    ) throws(ImpRAGError) -> Step {
        let left = left(at: now)
        let time = searchStart.map { now - $0 } ?? .zero
        let actions =
            switch result {
            case .success(let reply): fanOut?.answered(number, with: reply, left: left, after: time)
            case .failure(let error): fanOut?.failed(number, error, left: left, after: time)
            }
        return try step(actions ?? [], at: now)
    }

    private mutating func step(
        _ actions: [FanOut.Action], at now: ContinuousClock.Instant
    ) throws(ImpRAGError) -> Step {
        var asked: [SessionAction] = []
        for action in actions {
            switch action {
            case .ask(let part): asked.append(.search(part, query.request(part), tensors))
            case .drop(let part, let byHedge): asked.append(.dropSearch(part, byHedge: byHedge))
            case .finish(let outcome):
                if let searchStart { timings.search = now - searchStart }
                return .found(try outcome.checked(query.policy), last: asked)
            }
        }
        return .act(asked)
    }
}
