import Core
import Messaging
import Platform
import Synchronization
import Wire

/// The replies to one request, from the first coordinator that gives any. Consumed by one task.
///
/// When that one is lost in the middle of an answer, another one is asked from the beginning. What it says must agree
/// with what came before, which is not given out again.
final class CoordinatorReplies: Sendable {
    private struct State {
        /// The coordinator that is being asked, in the order of this request.
        var place = 0
        /// Counts the coordinators that have been asked.
        var attempt = 0
        var current: ReplyStream?
        /// Looks whether the coordinator is there as long as it is asked.
        var watch: Task<Void, Never>?
        /// It is not: it answered no ping.
        var isSilent = false
        var isCancelled = false
        /// What has been given out, in order, and how much of it the current coordinator has said.
        var delivered: [Reply] = []
        var position = 0
        /// When the first coordinator failed after the last reply that was given out.
        var failingSince: ContinuousClock.Instant?
        /// What the coordinators of this round failed with.
        var failures: [Failure] = []

        /// Ends what the current coordinator is asked.
        mutating func leave() {
            watch?.cancel()
            (watch, current, isSilent, position) = (nil, nil, false, 0)
            attempt += 1
        }
    }

    private struct Failure {
        let endpoint: String
        let error: ImpRAGError
        let isSilence: Bool
    }

    private let coordinators: Coordinators
    private let first: Int
    private let deadline: Deadline
    private let ask: @Sendable (Peer) throws(ImpRAGError) -> ReplyStream
    private let state = Mutex(State())

    /// - Parameter first: the coordinator to ask first.
    init(
        _ coordinators: Coordinators, first: Int, deadline: Deadline,
        ask: @escaping @Sendable (Peer) throws(ImpRAGError) -> ReplyStream
    ) throws(ImpRAGError) {
        self.coordinators = coordinators
        self.first = first
        self.deadline = deadline
        self.ask = ask
        _ = try current()
    }

    deinit {
        state.withLock { $0.leave() }
    }

    /// Tells the coordinator to stop; `next` throws `cancelled` after the replies received so far.
    func cancel() {
        let current = state.withLock { state in
            state.isCancelled = true
            state.watch?.cancel()
            return state.current
        }
        current?.cancel()
    }

    /// The next reply, or nil after the last.
    ///
    /// - Throws: what the coordinator reported, `deadlineExceeded`, `cancelled`; `unavailable` when no coordinator
    ///   answers, and when one that began again says something else than the one before.
    func next() async throws(ImpRAGError) -> IncomingReply? {
        while true {
            let reply: IncomingReply?
            do throws(ImpRAGError) {
                reply = try await current().next()
            } catch {
                try await goOn(after: error)
                continue
            }
            if try isNew(reply) { return reply }
        }
    }

    /// Whether a reply has not been given out yet.
    ///
    /// - Throws: `unavailable` when it is not what another coordinator said in its place.
    private func isNew(_ reply: IncomingReply?) throws(ImpRAGError) -> Bool {
        let (place, isNew, agrees) = state.withLock { state in
            defer { state.position += 1 }
            guard state.position < state.delivered.count else {
                if let reply { state.delivered.append(reply.body) } else { state.watch?.cancel() }
                state.failingSince = nil
                state.failures = []
                return (state.place, true, true)
            }
            return (state.place, false, reply?.body.agrees(with: state.delivered[state.position]) == true)
        }
        coordinators.answered(place, from: first)
        guard agrees else {
            cancel()
            throw ImpRAGError(
                .unavailable,
                "the coordinator was lost in the middle of its answer, and another one answers differently: the passages have "
                    + "changed meanwhile; ask again")
        }
        return isNew
    }

    /// The stream of the coordinator that is being asked.
    private func current() throws(ImpRAGError) -> ReplyStream {
        try state.withLock { state throws(ImpRAGError) in
            if let current = state.current { return current }
            guard !state.isCancelled else { throw ImpRAGError(.cancelled, "the request was cancelled") }
            let peer = coordinators.peer(state.place, from: first)
            let stream = try ask(peer)
            state.current = stream
            if coordinators.peers.count > 1 {
                state.watch = Task { [deadline, attempt = state.attempt, weak self] in
                    guard await Self.isSilent(peer, until: deadline) else { return }
                    self?.giveUp(attempt)
                }
            }
            return stream
        }
    }

    // MARK: Coordinators that hang

    /// Whether `peer` has said nothing for a while and answers no ping; false once the task is cancelled, or time is
    /// up.
    private static func isSilent(_ peer: Peer, until deadline: Deadline) async -> Bool {
        let clock = deadline.clock
        var since = clock.now
        while !Task.isCancelled {
            let left = deadline.remainingMilliseconds
            let quiet = max(Coordinators.shortestMilliseconds, min(Coordinators.quietMilliseconds, left / 4))
            let end = since + .milliseconds(quiet)
            guard end < deadline.instant, (try? await clock.sleep(until: end)) != nil else { return false }
            if let heard = peer.lastHeard, heard > since {
                since = heard
                continue
            }
            let patience = max(Coordinators.shortestMilliseconds, min(Coordinators.pingMilliseconds, left / 8))
            let ping = Deadline.after(milliseconds: patience, on: clock)
            do throws(ImpRAGError) {
                try await peer.ping(deadline: ping)
            } catch {
                let isTrusted = clock.now - ping.instant < Coordinators.ownDelay
                if error.code == .deadlineExceeded, isTrusted, !Task.isCancelled { return true }
            }
            since = clock.now
        }
        return false
    }

    /// The coordinator of that attempt does not answer: ends the wait for it.
    private func giveUp(_ attempt: Int) {
        let current = state.withLock { state -> ReplyStream? in
            guard state.attempt == attempt else { return nil }
            state.isSilent = true
            return state.current
        }
        current?.cancel()
    }

    // MARK: The next one

    /// Turns to the next coordinator, or throws when there is none to turn to.
    private func goOn(after error: ImpRAGError) async throws(ImpRAGError) {
        let count = coordinators.peers.count
        let clock = deadline.clock
        let now = clock.now
        let round = state.withLock { state -> (failures: [Failure], since: ContinuousClock.Instant)? in
            let isSilence = state.isSilent && error.code == .cancelled && !state.isCancelled
            guard count > 1, isSilence || error.code == .unavailable else { return nil }
            let endpoint = coordinators.peer(state.place, from: first).endpoint
            let reason = isSilence ? ImpRAGError(.unavailable, "it does not answer, not even a ping") : error
            state.failures.append(Failure(endpoint: endpoint, error: reason, isSilence: isSilence))
            let since = state.failingSince ?? now
            state.failingSince = since
            state.leave()
            state.place = (state.place + 1) % count
            guard state.failures.count == count else { return ([], since) }
            defer { state.failures = [] }
            return (state.failures, since)
        }
        guard let round else { throw error }
        guard !round.failures.isEmpty else { return }
        // One that answers, if only that it cannot, is not asked the same again; unless the collection is another's:
        // its alias may be moving, or the one that serves it may be about to start. One that hangs may go on at any
        // moment.
        let mayReturn = round.failures.allSatisfy { failure in
            (failure.error.cause as? RemoteFailure).map(\.isOtherCollection) ?? true
        }
        let isPatient = round.failures.contains(where: \.isSilence) || now - round.since < Coordinators.patience
        guard mayReturn, isPatient, now + Coordinators.pause < deadline.instant else {
            throw ImpRAGError(
                .unavailable,
                "none of \(count) coordinators answers: "
                    + round.failures.map { "\($0.endpoint): \($0.error.message)" }.joined(separator: "; "),
                cause: round.failures.lazy.compactMap { $0.error.cause as? RemoteFailure }.first)
        }
        do {
            try await clock.sleep(until: now + Coordinators.pause)
        } catch {
            throw ImpRAGError(.cancelled, "the request was cancelled", cause: error)
        }
    }
}

extension Reply {
    /// Whether it says the same as `other` said, to the same request.
    fileprivate func agrees(with other: Reply) -> Bool {
        switch (self, other) {
        case (.sources(let one), .sources(let other)):
            one.passages.map(\.passage.id) == other.passages.map(\.passage.id)
        case (.token(let one), .token(let other)): one.token == other.token && one.text == other.text
        default: false
        }
    }
}
