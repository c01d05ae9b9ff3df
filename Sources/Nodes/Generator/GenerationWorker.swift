import Cluster
import Core
import Messaging
import Platform
import Synchronization
import Wire

/// The thread that generates answers: all of the generator's matrix work happens on it, one `GenerationLoop` round at a
/// time.
///
/// One thread, because the matrix products of every step already use all cores.
final class GenerationWorker: Sendable {
    /// A request in progress, and the promise settled at its end.
    private struct Client {
        let request: IncomingRequest
        let done: Promise<Void>

        /// Nobody waits for the answer any more.
        var isGone: Bool { request.isCancelled || done.isSettled }
    }

    private struct State {
        /// Not begun yet.
        var queue: GenerationQueue
        /// As of the last round, and of what was begun since.
        var forecast: GenerationForecast
        var clients: [Int: Client] = [:]
        var lastID = 0

        /// Removes orders that nobody waits for.
        mutating func dropAbandoned() {
            let abandoned = queue.removeAll { [clients] in clients[$0.id]?.isGone != false }
            for id in abandoned { clients[id] = nil }
        }
    }

    private let rounds: Rounds
    private let clock: any Clock
    private let arithmetic: Arithmetic?
    private let state: Mutex<State>
    /// Used only by the thread.
    private let loop: Mutex<GenerationLoop>

    /// - Parameters:
    ///   - arithmetic: what the engine computes with, which the end of each answer says.
    ///   - activeLimit: the most answers in progress.
    ///   - memory: bytes of passages and caches that they may hold together.
    ///   - queueLimit: requests that may wait for a place.
    init(
        engine: any AnswerEngine, arithmetic: Arithmetic? = nil, activeLimit: Int, memory: ByteCount, queueLimit: Int,
        metrics: MetricRegistry, on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        state = Mutex(
            State(queue: GenerationQueue(limit: queueLimit), forecast: GenerationForecast(places: activeLimit)))
        self.arithmetic = arithmetic
        clock = environment.clock
        rounds = Rounds(on: try environment.workers(1, "generate", queueLimit: 1), clock: environment.clock)
        loop = Mutex(
            GenerationLoop(
                engine, activeLimit: activeLimit, memory: memory, metrics: try GenerationMetrics(metrics),
                clock: environment.clock))
        try metrics.gauge("imprag_answer_limit_bytes", "The most that passages and caches of active answers may need.")
            .set(memory)
        try metrics.waitingRequests(for: "place") { [weak self] in
            self?.state.withLock { $0.queue.count }
        }
        rounds.start { [weak self] in self?.round() ?? false }
    }

    /// Queues a request; its replies are sent from the worker's thread. Returns when the last one has been sent.
    ///
    /// - Throws: the error that ends it; `resourceExhausted` when too many wait or it cannot be done in time,
    ///   `unavailable` after `stop`.
    func generate(_ job: GenerationJob, for request: IncomingRequest) async throws(ImpRAGError) {
        let done = Promise<Void>()
        let displaced = try state.withLock { state throws(ImpRAGError) in
            // Abandoned orders must not fill the queue.
            if state.queue.count >= state.queue.limit { state.dropAbandoned() }
            state.lastID += 1
            let order = GenerationOrder(
                id: state.lastID, job: job, deadline: request.deadline, arrival: request.arrival,
                client: RemoteClient(node: request.claimedName, number: job.client))
            // What was begun elsewhere is not given up here.
            if job.resumeTokens.isEmpty {
                let refusal = state.forecast.refusal(
                    of: order.work, from: order.client, left: request.deadline.instant - clock.now,
                    ahead: state.queue.ahead(of: order.client), waiting: state.queue.loads)
                if let refusal { throw refusal }
            }
            let admission = state.queue.append(order)
            guard admission != .full else { throw Self.full(state.queue.limit) }
            state.clients[order.id] = Client(request: request, done: done)
            guard case .inPlaceOf(let id) = admission else { return nil as Int? }
            return id
        }
        if let displaced { end(displaced, .failure(Self.full(state.withLock { $0.queue.limit }))) }
        guard rounds.wake() else { throw Self.stopping }
        try await done.value()
    }

    func stop(milliseconds: Int) -> Bool {
        rounds.stop()
        return rounds.join(milliseconds: milliseconds)
    }

    // MARK: Rounds

    /// Runs one round and sends its decisions to the clients. Returns whether another one is needed.
    private func round() -> Bool {
        let (decisions, isIdle, forecast) = loop.withLock { loop in
            (loop.round(next: takeOrder, isAbandoned: isAbandoned), loop.isIdle, loop.forecast)
        }
        for decision in decisions { tell(decision) }
        return state.withLock { state in
            state.forecast = forecast
            return !isIdle || !state.queue.isEmpty
        }
    }

    /// The next order that can still be done in time; tells those that cannot.
    private func takeOrder(_ places: GenerationPlaces) -> GenerationOrder? {
        while true {
            let (order, refusal) = state.withLock { state -> (GenerationOrder?, ImpRAGError?) in
                guard let order = state.queue.next(places) else { return (nil, nil) }
                let isNew = order.job.resumeTokens.isEmpty
                let left = order.deadline.instant - clock.now
                // Past its deadline the loop says so.
                if isNew, left > .zero, state.clients[order.id]?.isGone == false,
                    let refusal = state.forecast.refusal(
                        of: order.work, from: order.client, left: left, othersWait: !state.queue.isEmpty)
                {
                    return (order, refusal)
                }
                state.forecast.begin(order.work, of: order.client)
                return (order, nil)
            }
            guard let order, let refusal else { return order }
            end(order.id, .failure(refusal))
        }
    }

    private func isAbandoned(_ id: Int) -> Bool {
        state.withLock { $0.clients[id]?.isGone ?? true }
    }

    private func tell(_ decision: GenerationLoop.Decision) {
        switch decision {
        // Refused when the client does not read or has gone: the next round notices.
        case .token(let id, let token): client(id)?.request.reply(.token(token), more: true)
        case .done(let id, var done):
            done.arithmetic = arithmetic
            client(id)?.request.traceReading(done.timings)
            client(id)?.request.reply(.generateDone(done))
            end(id, .success(()))
        case .failed(let id, let error): end(id, .failure(error))
        }
    }

    private func client(_ id: Int) -> Client? { state.withLock { $0.clients[id] } }

    private func end(_ id: Int, _ result: Result<Void, ImpRAGError>) {
        state.withLock { $0.clients.removeValue(forKey: id) }?.done.fulfil(result)
    }

    private static func full(_ limit: Int) -> ImpRAGError {
        ImpRAGError(
            .resourceExhausted,
            "\(limit) requests already wait to be answered, which is the limit; try again later")
    }

    private static let stopping = ImpRAGError(.unavailable, "the generator is stopping")
}

extension IncomingRequest {
    /// Records, in a trace, when passages and prompt were read.
    fileprivate func traceReading(_ timings: Timings) {
        guard let trace else { return }
        let start = arrival + timings.queue
        trace.end(trace.begin("read", at: start), at: start + timings.read)
    }
}
