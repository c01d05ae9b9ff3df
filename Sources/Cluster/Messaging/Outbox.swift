import Core
import Synchronization
internal import Wire

/// What other threads ask the exchange to do.
enum Command: Sendable {
    case serve(Int, handler: @Sendable (IncomingRequest) -> Void)
    case connect(PeerLink)
    case drive(EventSource)
    case perform(@Sendable () -> Void)
    case disconnect(PeerLink)
    case call(PeerLink, Call, OutgoingMessage)
    /// The consumer of a call has gone.
    case abandon(PeerLink, requestID: UInt64)
    case reply(RequestKey, OutgoingMessage, isLast: Bool)
    /// A reply could not be queued: end its request with a failure.
    case drop(RequestKey)
    /// A large envelope has been decoded. Indirect, so that other commands are small.
    indirect case decoded(RequestKey, IncomingMessage, Result<Envelope, DecodingFailure>)
}

/// The queue in front of the exchange. Shared by all threads.
final class Outbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var queuedBytes = 0
        var isClosed = false
        /// Whether the exchange's thread has to be woken for what is queued.
        var isAsleep = true
        /// Whether the event source has work that its descriptor does not tell of.
        var isSignalled = false
    }

    private let state = Mutex(State())
    private let transport: any Transport
    let limits: MessagingLimits

    init(transport: any Transport, limits: MessagingLimits) {
        self.transport = transport
        self.limits = limits
    }

    enum Outcome: Sendable { case accepted, full, closed }

    /// Queues `command`, unless the queue is full; small commands that end something are always taken.
    func send(_ command: Command) -> Outcome {
        let byteCount: Int
        let isBounded: Bool
        switch command {
        case .call(_, _, let message), .reply(_, let message, _):
            byteCount = message.byteCount
            isBounded = true
        case .serve, .connect, .drive, .perform, .disconnect, .abandon, .drop, .decoded:
            byteCount = 0
            isBounded = false
        }
        let (outcome, wake) = state.withLock { state -> (Outcome, Bool) in
            if state.isClosed { return (.closed, false) }
            if isBounded,
                state.commands.count >= limits.queuedMessages || state.queuedBytes + byteCount > limits.queuedBytes
            {
                return (.full, false)
            }
            state.commands.append(command)
            state.queuedBytes += byteCount
            return (.accepted, state.commands.count == 1 && state.isAsleep)
        }
        if wake { transport.wake() }
        return outcome
    }

    /// The event source has work that its descriptor does not tell of.
    func signal() {
        let wake = state.withLock { state in
            defer { state.isSignalled = true }
            return state.isAsleep && !state.isSignalled
        }
        if wake { transport.wake() }
    }

    /// Whether `signal` was called since the last time.
    func takeSignal() -> Bool {
        state.withLock { state in
            defer { state.isSignalled = false }
            return state.isSignalled
        }
    }

    /// The exchange's thread is awake, and calls `take` before it sleeps again: it need not be woken, least of all by
    /// itself.
    func awoke() { state.withLock { $0.isAsleep = false } }

    /// Takes everything queued, oldest first, and whether nothing can follow.
    ///
    /// - Parameter sleeps: whether the exchange's thread may sleep before the next call, so that it has to be woken.
    func take(sleeps: Bool) -> (commands: [Command], isClosed: Bool) {
        let (commands, isClosed, isSignalled) = state.withLock { state in
            defer {
                state.commands = []
                state.queuedBytes = 0
                state.isAsleep = sleeps
            }
            return (state.commands, state.isClosed, state.isSignalled)
        }
        // Nobody has woken the thread for that, while it was awake.
        if isSignalled, sleeps { transport.wake() }
        return (commands, isClosed)
    }

    /// Refuses new commands and wakes the exchange's thread so that it ends.
    func close() {
        state.withLock { $0.isClosed = true }
        transport.wake()
    }
}
