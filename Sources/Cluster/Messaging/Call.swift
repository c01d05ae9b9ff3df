public import Core
internal import Synchronization

/// One request in flight, as the exchange sees it.
final class Call: Sendable {
    let requestID: UInt64
    let deadline: Deadline
    /// For messages, as in "search on shard-0".
    let what: String
    private let sink: any ReplySink

    init(requestID: UInt64, deadline: Deadline, what: String, sink: any ReplySink) {
        self.requestID = requestID
        self.deadline = deadline
        self.what = what
        self.sink = sink
    }

    var hasEnded: Bool { sink.hasEnded }

    /// Passes a reply on. False when too many untaken ones are buffered already.
    func deliver(_ reply: IncomingReply, isLast: Bool) -> Bool { sink.deliver(reply, isLast: isLast) }

    /// Ends the call with an error, after the replies received so far. Does nothing when it has ended.
    func fail(_ error: ImpRAGError) { sink.fail(error) }
}

/// Where the replies of one call go. Called on the exchange's thread, or by whoever cancels the call.
protocol ReplySink: Sendable {
    var hasEnded: Bool { get }
    func deliver(_ reply: IncomingReply, isLast: Bool) -> Bool
    func fail(_ error: ImpRAGError)
}

/// What happens to a call.
public enum CallEvent: Sendable {
    /// - Parameter isLast: nothing follows.
    case reply(IncomingReply, isLast: Bool)
    /// Nothing follows.
    case failed(ImpRAGError)

    /// Why the call failed, if it has.
    public var failure: ErrorCode? {
        if case .failed(let error) = self { error.code } else { nil }
    }

    /// Whether nothing follows.
    public var isLast: Bool {
        switch self {
        case .reply(_, let isLast): isLast
        case .failed: true
        }
    }
}

/// A call whose events go to a handler.
public final class OutgoingCall: Sendable {
    private let call: Call
    private let peer: Peer

    init(_ call: Call, cancels peer: Peer) {
        self.call = call
        self.peer = peer
    }

    /// Tells the peer to stop; the handler gets `cancelled` unless the call has ended.
    public func cancel() { peer.cancel(call) }
}

/// Passes replies to a function as they arrive.
final class ReplyHandler: ReplySink {
    private let handler: Mutex<(@Sendable (CallEvent) -> Void)?>

    init(_ handler: @escaping @Sendable (CallEvent) -> Void) {
        self.handler = Mutex(handler)
    }

    var hasEnded: Bool { handler.withLock { $0 == nil } }

    func deliver(_ reply: IncomingReply, isLast: Bool) -> Bool {
        take(isLast: isLast)?(.reply(reply, isLast: isLast))
        return true
    }

    func fail(_ error: ImpRAGError) { take(isLast: true)?(.failed(error)) }

    private func take(isLast: Bool) -> (@Sendable (CallEvent) -> Void)? {
        handler.withLock { handler in
            defer { if isLast { handler = nil } }
            return handler
        }
    }
}

/// Buffers replies until one task takes them.
final class ReplyBuffer: ReplySink {
    typealias Outcome = Result<IncomingReply?, ImpRAGError>

    private struct State {
        /// Replies not taken yet; those before `head` have been.
        var replies: [IncomingReply] = []
        var head = 0
        /// Set once no more replies will come.
        var end: Result<Void, ImpRAGError>?
        var waiter: CheckedContinuation<Outcome, Never>?

        var buffered: Int { replies.count - head }

        mutating func popFirst() -> IncomingReply? {
            guard head < replies.count else { return nil }
            defer {
                head += 1
                if head == replies.count || head > 1024 {
                    replies.removeFirst(head)
                    head = 0
                }
            }
            return replies[head]
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    func deliver(_ reply: IncomingReply, isLast: Bool) -> Bool {
        let (accepted, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Outcome, Never>?) in
            guard state.end == nil else { return (true, nil) }
            guard state.buffered < limit else { return (false, nil) }
            if isLast { state.end = .success(()) }
            guard let waiter = state.waiter else {
                state.replies.append(reply)
                return (true, nil)
            }
            state.waiter = nil
            return (true, waiter)
        }
        waiter?.resume(returning: .success(reply))
        return accepted
    }

    func fail(_ error: ImpRAGError) {
        let waiter = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard state.end == nil else { return nil }
            state.end = .failure(error)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: .failure(error))
    }

    /// The next reply, or nil when they are over. One task at a time.
    func next() async -> Outcome {
        await withCheckedContinuation { continuation in
            let outcome = state.withLock { state -> Outcome? in
                if let reply = state.popFirst() { return .success(reply) }
                if let end = state.end { return end.map { nil } }
                precondition(state.waiter == nil, "two tasks wait for the replies of one call")
                state.waiter = continuation
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }
}
