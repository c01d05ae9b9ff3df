import Core
import Synchronization
internal import Wire

/// The caller's end of one request: replies go in on the I/O thread and come out in one task.
final class Call: Sendable {
    typealias Outcome = Result<IncomingReply?, ImpRAGError>

    private struct State {
        /// Replies not taken yet; those before `head` are gone.
        var replies: [IncomingReply] = []
        var head = 0
        /// Nil in `success`: the replies are over.
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

    let requestID: UInt64
    let deadline: Deadline
    let what: String
    private let limit: Int
    private let state = Mutex(State())

    init(requestID: UInt64, deadline: Deadline, what: String, limit: Int) {
        self.requestID = requestID
        self.deadline = deadline
        self.what = what
        self.limit = limit
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// Hands a reply to the consumer. False when too many wait for it already.
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

    /// Ends the call with an error, after the replies that are there. Does nothing when it has ended.
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
