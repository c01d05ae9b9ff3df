import Core
import Synchronization
internal import Wire
internal import ZeroMQ

/// What other threads ask of the I/O thread.
enum Command: Sendable {
    case serve(Handover, handler: @Sendable (IncomingRequest) -> Void)
    case connect(PeerLink, Handover)
    case call(PeerLink, Call, OutgoingMessage)
    /// The consumer of a call has gone.
    case abandon(PeerLink, requestID: UInt64)
    case reply(RequestKey, OutgoingMessage, isLast: Bool)
    /// A reply could not be queued: its request ends with a failure.
    case drop(RequestKey)
    /// A large envelope was read.
    case decoded(RequestKey, ReceivedRequest, Result<Envelope, DecodingFailure>)
}

/// An envelope that is encoded already, and its tensors.
struct OutgoingMessage: Sendable {
    let envelope: [UInt8]
    let tensors: [Tensor]

    var byteCount: Int { tensors.reduce(envelope.count) { $0 + $1.description.byteCount } }
}

/// A socket on its way from the thread that made it to the I/O thread.
struct Handover: @unchecked Sendable {
    // Sendable: the maker keeps no reference, and the outbox's lock is the memory barrier that libzmq asks for.
    let socket: Socket
    let monitor: Socket?
    let lock: SocketLock?
}

/// The queue in front of the I/O thread. Shared by all threads.
final class Outbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var queuedBytes = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let waker: Waker
    let limits: MessagingLimits

    init(waker: Waker, limits: MessagingLimits) {
        self.waker = waker
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
        case .serve, .connect, .abandon, .drop, .decoded:
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
            return (.accepted, state.commands.count == 1)
        }
        if wake { waker.signal() }
        return outcome
    }

    /// All that is queued, oldest first, and whether nothing can follow.
    func take() -> (commands: [Command], isClosed: Bool) {
        state.withLock { state in
            defer {
                state.commands = []
                state.queuedBytes = 0
            }
            return (state.commands, state.isClosed)
        }
    }

    /// Refuses new commands and wakes the I/O thread so that it ends.
    func close() {
        state.withLock { $0.isClosed = true }
        waker.signal()
    }
}
