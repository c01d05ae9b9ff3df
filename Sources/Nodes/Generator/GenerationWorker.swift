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
        /// Not admitted yet, oldest first.
        var orders: [GenerationOrder] = []
        var clients: [Int: Client] = [:]
        var lastID = 0

        /// Removes orders that nobody waits for.
        mutating func dropAbandoned() {
            for order in orders where clients[order.id]?.isGone != false { clients[order.id] = nil }
            orders.removeAll { clients[$0.id] == nil }
        }
    }

    private let queueLimit: Int
    private let rounds: Rounds
    private let state = Mutex(State())
    /// Used only by the thread.
    private let loop: Mutex<GenerationLoop>

    /// - Parameters:
    ///   - activeLimit: the most answers in progress.
    ///   - memory: bytes of passages and caches that they may hold together.
    ///   - queueLimit: requests that may wait for a place.
    init(
        engine: any AnswerEngine, activeLimit: Int, memory: ByteCount, queueLimit: Int, metrics: MetricRegistry,
        on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        self.queueLimit = queueLimit
        rounds = Rounds(on: try environment.workers(1, "generate", queueLimit: 1), clock: environment.clock)
        loop = Mutex(
            GenerationLoop(
                engine, activeLimit: activeLimit, memory: memory, metrics: try GenerationMetrics(metrics),
                clock: environment.clock))
        try metrics.gauge("imprag_answer_limit_bytes", "The most that passages and caches of active answers may need.")
            .set(memory)
        try metrics.waitingRequests(for: "place") { [weak self] in
            self?.state.withLock { $0.orders.count }
        }
        rounds.start { [weak self] in self?.round() ?? false }
    }

    /// Queues a request; its replies are sent from the worker's thread. Returns when the last one has been sent.
    ///
    /// - Throws: the error that ends it; `resourceExhausted` when too many wait, `unavailable` after `stop`.
    func generate(_ job: GenerationJob, for request: IncomingRequest) async throws(ImpRAGError) {
        let done = Promise<Void>()
        try state.withLock { state throws(ImpRAGError) in
            // Abandoned orders must not fill the queue.
            if state.orders.count >= queueLimit { state.dropAbandoned() }
            guard state.orders.count < queueLimit else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(queueLimit) requests already wait to be answered, which is the limit; try again later")
            }
            state.lastID += 1
            state.clients[state.lastID] = Client(request: request, done: done)
            state.orders.append(
                GenerationOrder(id: state.lastID, job: job, deadline: request.deadline, arrival: request.arrival))
        }
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
        let (decisions, isIdle) = loop.withLock { loop in
            (loop.round(next: takeOrder, isAbandoned: isAbandoned), loop.isIdle)
        }
        for decision in decisions { tell(decision) }
        return state.withLock { !isIdle || !$0.orders.isEmpty }
    }

    private func takeOrder() -> GenerationOrder? {
        state.withLock { $0.orders.isEmpty ? nil : $0.orders.removeFirst() }
    }

    private func isAbandoned(_ id: Int) -> Bool {
        state.withLock { $0.clients[id]?.isGone ?? true }
    }

    private func tell(_ decision: GenerationLoop.Decision) {
        switch decision {
        // Refused when the client does not read or has gone: the next round notices.
        case .token(let id, let token): client(id)?.request.reply(.token(token), more: true)
        case .done(let id, let done):
            client(id)?.request.reply(.generateDone(done))
            end(id, .success(()))
        case .failed(let id, let error): end(id, .failure(error))
        }
    }

    private func client(_ id: Int) -> Client? { state.withLock { $0.clients[id] } }

    private func end(_ id: Int, _ result: Result<Void, ImpRAGError>) {
        state.withLock { $0.clients.removeValue(forKey: id) }?.done.fulfil(result)
    }

    private static let stopping = ImpRAGError(.unavailable, "the generator is stopping")
}
