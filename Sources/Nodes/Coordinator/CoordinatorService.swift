import Cluster
import Core
import Messaging
import Model
import Platform
import Storage
import Synchronization
import Wire

/// Answers clients: each ask or search is driven by a `Session`, updates are committed to the log.
final class CoordinatorService: NodeService {
    let detail: String
    let encoder: any PromptEncoder
    let peers: Peers
    let environment: NodeEnvironment
    let batcher: PromptBatcher
    let hedging: Hedging
    /// Tokenizing a long prompt takes milliseconds: too long for the cooperative pool.
    let tokenizers: FairWorkers<ClientKey>
    /// The memory of prompt states in flight.
    let states: ByteBudget
    /// Answers that had begun and were handed to another generator.
    let movedAnswers: Counter

    private let settings: CoordinatorSettings
    private let check: RequestCheck
    private let updater: Updater
    private let embedder: Embedder
    /// Nil where the cluster file says who there is.
    private let registry: RegistryFeed?
    private let gate: Mutex<RequestGate<ClientKey>>
    private let refusals: Counter
    private let collection: ServedCollection?
    /// Nil where the cluster file names no index.
    private let reader: CollectionReader?
    /// Without what is known of the collection.
    private let context: AnswerContext

    /// The part of a request's time reserved for the way back to the client.
    static let returnMilliseconds = 50

    /// - Parameters:
    ///   - registry: what changes `peers`; stopped with the service.
    ///   - collection: what is served, by name and alias; nil: requests that name a collection are refused.
    ///   - arithmetic: what the encoder computes with, for records of answers.
    ///   - readCollection: reads what the collection's manifest says about answers; nil where there is none.
    ///   - openLog: opens the collection's log, for updates; nil: they are refused.
    init(
        encoder: any PromptEncoder, settings: CoordinatorSettings, peers: Peers, registry: RegistryFeed? = nil,
        detail: String, metrics: MetricRegistry, on environment: NodeEnvironment, collection: ServedCollection? = nil,
        arithmetic: Arithmetic,
        readCollection: (@Sendable (Deadline) throws(ImpRAGError) -> CollectionFacts?)? = nil,
        openLog: (@Sendable () throws(ImpRAGError) -> CollectionLog)?
    ) throws(ImpRAGError) {
        self.encoder = encoder
        self.settings = settings
        self.peers = peers
        self.registry = registry
        self.detail = detail
        self.environment = environment
        hedging = try Hedging(metrics)
        gate = Mutex(RequestGate(limit: settings.maxRequests))
        refusals = try metrics.counter(
            "imprag_refused_requests_total",
            "Requests that were not begun: too many, more than a client's share, or no time to answer them.")
        self.collection = collection
        context = AnswerContext(fingerprint: encoder.fingerprint, arithmetic: arithmetic)
        reader = try readCollection.map { read throws(ImpRAGError) in try CollectionReader(on: environment, read: read)
        }
        check = RequestCheck(settings: settings, shape: encoder.shape)
        batcher = try PromptBatcher(
            encoder: encoder, maxBatch: settings.maxBatch, windowMilliseconds: settings.batchWindowMilliseconds,
            queueLimit: settings.maxRequests * Embedder.window, on: environment)
        tokenizers = FairWorkers(
            try environment.workers(1, "tokenize", queueLimit: settings.maxRequests * Embedder.window))
        states = ByteBudget(limit: settings.maxStateMemory, remedy: "raise max_state_memory")
        movedAnswers = try metrics.counter(
            "imprag_moved_answers_total", "Answers in the middle that another generator went on with.")
        updater = try Updater(
            encoder: encoder, settings: settings, peers: peers, memory: states, on: environment, openLog: openLog)
        embedder = Embedder(
            encoder: encoder, batcher: batcher, tokenizers: tokenizers, memory: states, check: check,
            clock: environment.clock)
        try register(in: metrics)
    }

    /// Opens the log in the background, so that what is wrong with it is told before the first update fails.
    func openLog(report: @escaping @Sendable (String) -> Void) {
        updater.openLog(report: report)
    }

    private func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        try metrics.gauge("imprag_active_requests", "Requests in the works.") { [weak self] in
            self.map { Double($0.gate.withLock { $0.count }) }
        }
        try metrics.waitingRequests(for: "layers") { [weak self] in self?.batcher.waitingCount }
        try metrics.gauge("imprag_prompt_state_bytes", "Prompt states in flight, and vectors of updates.") {
            [weak self] in self.map { Double($0.states.usedBytes) }
        }
        try metrics.gauge("imprag_prompt_state_limit_bytes", "The most that they may need.").set(states.limit)
        try batcher.register(in: metrics)
        try updater.register(in: metrics)
        try peers.register(in: metrics) { [weak self] in self?.updater.epoch }
    }

    var fingerprint: Fingerprint { encoder.fingerprint }

    var notReady: String? { peers.unreached }

    /// Of all partitions, as far as known.
    var passages: Int { peers.knowledge.total }

    func requireCollection(_ name: String, deadline: Deadline) async throws(ImpRAGError) {
        guard let collection else {
            throw ImpRAGError(
                .unavailable,
                "the request is for the collection \(name), but this coordinator does not know which one it serves: its cluster "
                    + "file names no \"index\"", cause: OtherCollection())
        }
        try await collection.require(name, deadline: deadline)
    }

    func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
        let ticket = try enter(request)
        do throws(ImpRAGError) {
            try await handle(request)
            gate.withLock { $0.leave(ticket, nil, at: environment.clock.now) }
        } catch {
            gate.withLock { $0.leave(ticket, error, at: environment.clock.now) }
            throw error
        }
    }

    /// Throws `resourceExhausted` when the request is not to be begun.
    private func enter(_ request: IncomingRequest) throws(ImpRAGError) -> RequestGate<ClientKey>.Ticket {
        let kind: RequestGate<ClientKey>.Kind =
            switch request.body {
            case .ask: .ask
            case .search: .search
            default: .other
            }
        do throws(ImpRAGError) {
            return try gate.withLock { gate throws(ImpRAGError) in
                try gate.enter(
                    request.client, kind, deadline: request.deadline.instant, at: environment.clock.now)
            }
        } catch {
            refusals.add()
            throw error
        }
    }

    private func handle(_ request: IncomingRequest) async throws(ImpRAGError) {
        if let theirs = request.fingerprint, theirs != fingerprint {
            throw ImpRAGError(
                .failedPrecondition, "the request insists on the model \(theirs), but this cluster runs \(fingerprint)")
        }
        switch request.body {
        case .ask(let ask):
            var context = context
            if let reader {
                // Only thresholds change while a collection is served.
                context.collection = await reader.facts(fresh: check.abstains(ask), deadline: request.deadline)
            }
            let session = try AskSession(
                ask, check: check, context: context, deadline: request.deadline, arrival: request.arrival)
            try await SessionRunner(session, for: request, of: self).run()
        case .search(let search):
            let session = try SearchSession(
                search, check: check, deadline: request.deadline, arrival: request.arrival)
            try await SessionRunner(session, for: request, of: self).run()
        case .upsert(let upsert):
            request.reply(
                .upsert(
                    try await updater.upsert(
                        upsert.passages, wait: upsert.wait, key: upsert.key, trace: request.onwardTrace,
                        deadline: request.deadline)))
        case .delete(let delete):
            request.reply(
                .delete(
                    try await updater.delete(
                        delete.ids, wait: delete.wait, key: delete.key, trace: request.onwardTrace,
                        deadline: request.deadline)))
        case .embed(let embed):
            let (reply, vectors) = try await embedder.embed(embed, for: request)
            request.reply(.embed(reply), tensors: [vectors], fingerprint: fingerprint)
        default:
            throw ImpRAGError(
                .invalidArgument,
                "a coordinator answers ask, search, embed, upsert, delete, status and ping, not \(request.body.name)")
        }
    }

    func status(own: NodeStatus, ofOthers: Bool, deadline: Deadline) async -> [NodeStatus] {
        let members = peers.membership.withLock { $0.members }
        var own = own
        own.epoch = max(updater.epoch, members.flatMap(\.partitions).map(\.epoch).max() ?? 0)
        if let trouble = registry?.trouble { own.detail += "; \(trouble)" }
        own.dimension = encoder.shape.keyWidth
        own.collection = collection?.name ?? ""
        own.aliases = await collection?.aliases(deadline: deadline) ?? []
        guard ofOthers else { return [own] }
        let others = peers.otherCoordinators.map { Membership.Member(name: $0, kind: .coordinator) } + members
        // Leaves some of the caller's time for the way back.
        let milliseconds = min(Peers.answerMilliseconds, deadline.remainingMilliseconds * 3 / 4)
        let answers = await withTaskGroup(of: NodeStatus.self) { group in
            for member in others {
                group.addTask { await self.status(of: member, milliseconds: milliseconds) }
            }
            var answers: [String: NodeStatus] = [:]
            for await answer in group { answers[answer.name] = answer }
            return answers
        }
        return [own] + others.compactMap { answers[$0.name] }
    }

    private func status(of member: Membership.Member, milliseconds: Int) async -> NodeStatus {
        do throws(ImpRAGError) {
            return try await peers.ask(member.name, deadline: .after(milliseconds: milliseconds, on: environment.clock))
        } catch {
            return NodeStatus(
                name: member.name, role: member.kind, state: .unreachable, passages: member.passages,
                detail: error.message)
        }
    }

    func beginDraining() { registry?.beginDraining() }

    func stop(milliseconds: Int) -> Bool {
        registry?.stop()
        peers.stop()
        batcher.stop()
        tokenizers.stop()
        updater.stop()
        collection?.stop()
        reader?.stop()
        return batcher.join(milliseconds: milliseconds) && tokenizers.join(milliseconds: milliseconds)
            && updater.join(milliseconds: milliseconds) && collection?.join(milliseconds: milliseconds) ?? true
            && reader?.join(milliseconds: milliseconds) ?? true
    }
}
