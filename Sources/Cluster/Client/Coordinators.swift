import Core
import Messaging
import Platform
import Synchronization
import Wire

/// A cluster's coordinators, in the order in which they are tried: the one that answered last, then the others.
///
/// A request goes to the next one when a coordinator cannot be reached, or fails with `unavailable` before it has replied.
/// Each coordinator holds all that a request needs, so any of them will do.
final class Coordinators: Sendable {
    let peers: [Peer]
    /// The trace that the requests belong to.
    private let trace: TraceContext?
    private let preferred = Atomic(0)

    /// How long a request goes on trying all of them while none can be reached: one may be starting, another stopping.
    static let patience = Duration.seconds(2)
    /// Between two such rounds.
    static let pause = Duration.milliseconds(50)

    /// - Parameter peers: at least one.
    init(_ peers: [Peer], trace: TraceContext? = nil) {
        self.peers = peers
        self.trace = trace
    }

    /// The coordinator at `place` of the order.
    fileprivate func peer(_ place: Int, from first: Int) -> Peer { peers[(first + place) % peers.count] }

    /// Begins a request. Throws as `Peer.stream` does.
    func stream(
        _ request: Request, fingerprint: Fingerprint?, deadline: Deadline
    ) throws(ImpRAGError) -> CoordinatorReplies {
        try CoordinatorReplies(self, first: preferred.load(ordering: .relaxed), deadline: deadline) {
            [trace] peer throws(ImpRAGError) in
            try peer.stream(request, fingerprint: fingerprint, trace: trace, deadline: deadline)
        }
    }

    /// Sends a request that has one reply.
    func call(
        _ request: Request, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> IncomingReply {
        guard let reply = try await stream(request, fingerprint: fingerprint, deadline: deadline).next() else {
            throw ImpRAGError(.internal, "\(request.name) ended without a reply")
        }
        return reply
    }

    fileprivate func answered(_ place: Int, from first: Int) {
        preferred.store((first + place) % peers.count, ordering: .relaxed)
    }
}

/// The replies to one request, all from the same coordinator: the first one that gives any. Consumed by one task.
final class CoordinatorReplies: Sendable {
    private struct State {
        /// The coordinator that is being asked, in the order of this request.
        var place = 0
        var current: ReplyStream?
        var hasBegun = false
        var isCancelled = false
        /// What the coordinators of this round said, with their endpoints.
        var failures: [(endpoint: String, error: ImpRAGError)] = []
    }

    private let coordinators: Coordinators
    private let first: Int
    private let deadline: Deadline
    private let start: ContinuousClock.Instant
    private let ask: @Sendable (Peer) throws(ImpRAGError) -> ReplyStream
    private let state = Mutex(State())

    fileprivate init(
        _ coordinators: Coordinators, first: Int, deadline: Deadline,
        ask: @escaping @Sendable (Peer) throws(ImpRAGError) -> ReplyStream
    ) throws(ImpRAGError) {
        self.coordinators = coordinators
        self.first = first
        self.deadline = deadline
        self.ask = ask
        start = deadline.clock.now
        _ = try current()
    }

    /// Tells the coordinator to stop; `next` throws `cancelled` after the replies received so far.
    func cancel() {
        let current = state.withLock { state in
            state.isCancelled = true
            return state.current
        }
        current?.cancel()
    }

    /// The next reply, or nil after the last.
    ///
    /// - Throws: what the coordinator reported, `deadlineExceeded`, `cancelled`; `unavailable` when no coordinator answers,
    ///   and when the one that had begun is lost: what came so far is not asked for again.
    func next() async throws(ImpRAGError) -> IncomingReply? {
        while true {
            do throws(ImpRAGError) {
                let reply = try await current().next()
                let place = state.withLock { state in
                    state.hasBegun = true
                    return state.place
                }
                coordinators.answered(place, from: first)
                return reply
            } catch {
                try await goOn(after: error)
            }
        }
    }

    /// The stream of the coordinator that is being asked.
    private func current() throws(ImpRAGError) -> ReplyStream {
        try state.withLock { state throws(ImpRAGError) in
            if let current = state.current { return current }
            guard !state.isCancelled else { throw ImpRAGError(.cancelled, "the request was cancelled") }
            let stream = try ask(coordinators.peer(state.place, from: first))
            state.current = stream
            return stream
        }
    }

    /// Turns to the next coordinator, or throws when there is none to turn to.
    private func goOn(after error: ImpRAGError) async throws(ImpRAGError) {
        let count = coordinators.peers.count
        guard error.code == .unavailable, count > 1 else { throw error }
        let isRound = try state.withLock { state throws(ImpRAGError) in
            guard !state.hasBegun else {
                throw ImpRAGError(
                    .unavailable, "\(error.message), in the middle of an answer, which is not begun again: ask again",
                    cause: error.cause)
            }
            state.current = nil
            state.failures.append((coordinators.peer(state.place, from: first).endpoint, error))
            state.place = (state.place + 1) % count
            return state.place == 0
        }
        guard isRound else { return }
        let failures = state.withLock { state in
            defer { state.failures = [] }
            return state.failures
        }
        // One that answers, if only that it cannot, is not asked the same again.
        let mayReturn = failures.allSatisfy { !($0.error.cause is RemoteFailure) }
        let clock = deadline.clock
        guard mayReturn, clock.now - start < Coordinators.patience, clock.now + Coordinators.pause < deadline.instant
        else {
            throw ImpRAGError(
                .unavailable,
                "none of \(count) coordinators answers: "
                    + failures.map { "\($0.endpoint): \($0.error.message)" }.joined(separator: "; "),
                cause: failures.lazy.compactMap { $0.error.cause as? RemoteFailure }.first)
        }
        do {
            try await clock.sleep(until: clock.now + Coordinators.pause)
        } catch {
            throw ImpRAGError(.cancelled, "the request was cancelled", cause: error)
        }
    }
}
