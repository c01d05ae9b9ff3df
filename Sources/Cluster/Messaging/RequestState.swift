import Synchronization

/// Identifies one request at a messenger: which socket, which connection, which of its requests.
struct RequestKey: Hashable, Sendable {
    let client: ClientKey
    let requestID: UInt64
}

/// Identifies one connection to a listening socket.
package struct ClientKey: Hashable, Sendable {
    package let server: Int
    package let routingID: [UInt8]
    /// By which the connection was let in; nil on sockets without keys. A part of the identity: who takes over a
    /// routing id with another key has nothing to do with the requests of the key before.
    package let publicKey: String?

    package init(server: Int, routingID: [UInt8], publicKey: String? = nil) {
        self.server = server
        self.routingID = routingID
        self.publicKey = publicKey
    }

    /// Tells this client from others of the same process, for other nodes. Never 0; another one after a restart.
    package var number: UInt64 { max(1, UInt64(bitPattern: Int64(hashValue))) }
}

/// Whether a request still wants replies. Shared by the handler's threads and the exchange.
final class RequestState: Sendable {
    private enum Phase { case open, finished, cancelled }

    private struct State {
        var phase = Phase.open
        /// Replies sent so far.
        var replyCount: UInt32 = 0
        var handlers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.phase == .cancelled } }
    var isOpen: Bool { state.withLock { $0.phase == .open } }

    /// Calls `handler` when the request is cancelled; immediately if it already is.
    func onCancel(_ handler: @escaping @Sendable () -> Void) {
        let callNow = state.withLock { state in
            if state.phase == .open { state.handlers.append(handler) }
            return state.phase == .cancelled
        }
        if callNow { handler() }
    }

    /// Claims the next reply's number; nil when no reply is wanted any more.
    func beginReply(isLast: Bool) -> UInt32? {
        // Handlers are freed outside the lock: freeing what they hold may call back into here.
        let (number, handlers) = state.withLock { state -> (UInt32?, [@Sendable () -> Void]) in
            guard state.phase == .open else { return (nil, []) }
            defer { state.replyCount += 1 }
            guard isLast else { return (state.replyCount, []) }
            state.phase = .finished
            defer { state.handlers = [] }
            return (state.replyCount, state.handlers)
        }
        _ = handlers
        return number
    }

    /// Cancels the request. Returns false when it had ended already.
    @discardableResult
    func cancel() -> Bool {
        let handlers = state.withLock { state -> [@Sendable () -> Void]? in
            guard state.phase == .open else { return nil }
            state.phase = .cancelled
            defer { state.handlers = [] }
            return state.handlers
        }
        handlers?.forEach { $0() }
        return handlers != nil
    }
}
