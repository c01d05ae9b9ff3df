public import Core
internal import Synchronization

/// A node's end of all conversations: it serves requests and calls peers. Any thread may use it.
///
/// With keys, connections over tcp are encrypted, and both ends prove who they are; without, endpoints that other
/// machines can reach are refused. ipc endpoints are open to processes of this user, without keys.
public final class Messenger: Sendable {
    public let name: String

    private let core: MessengerCore
    private let isJoined = Mutex(false)

    /// Talks over ZeroMQ; starts the thread that owns its sockets.
    ///
    /// - Parameters:
    ///   - name: the node's name, which its messages carry; empty for a client.
    ///   - keys: its own key, and those that it lets in.
    /// - Throws: `resourceExhausted` when the system has no more threads or descriptors.
    public convenience init(
        name: String, keys: MessengerKeys? = nil, limits: MessagingLimits = .init()
    ) throws(ImpRAGError) {
        try self.init(
            name: name, limits: limits, clock: SystemClock.shared,
            transport: try ZeroMQTransport(name: name, keys: keys, limits: limits))
    }

    /// - Parameter transport: used by this messenger alone.
    package init(
        name: String, limits: MessagingLimits, clock: any Clock, transport: any Transport
    ) throws(ImpRAGError) {
        self.name = name
        let core = MessengerCore(name: name, limits: limits, clock: clock, transport: transport)
        self.core = core
        try transport.start { Exchange(core, $0) }
    }

    deinit {
        // Without waiting: the last reference may be dropped on the exchange's own thread.
        core.outbox.close()
    }

    /// Serves requests at `endpoint`.
    ///
    /// - Parameters:
    ///   - endpoint: `ipc://PATH`, or `tcp://HOST:PORT` where port `*` picks a free one.
    ///   - handler: called on the exchange's thread for each request: it must not block, only hand the work on.
    /// - Returns: the endpoint, with the actual port.
    /// - Throws: `invalidArgument`, `permissionDenied` for an endpoint that is not local, `failedPrecondition` when it
    ///   cannot be bound.
    @discardableResult
    public func listen(
        on endpoint: String, handler: @escaping @Sendable (IncomingRequest) -> Void
    ) throws(ImpRAGError) -> String {
        let checked = try Endpoint(endpoint)
        let number = core.nextNumber()
        let bound = try core.transport.bind(number, to: checked)
        try send(.serve(number, handler: handler))
        return bound
    }

    /// Prepares calls to the node `peerName` at `endpoint`; it connects and reconnects in the background.
    ///
    /// - Throws: `invalidArgument`, `permissionDenied` for an endpoint that is not local, `resourceExhausted`.
    public func connect(to endpoint: String, name peerName: String) throws(ImpRAGError) -> Peer {
        let checked = try Endpoint(endpoint)
        let link = PeerLink(number: core.nextNumber(), name: peerName, endpoint: checked)
        try core.transport.open(link.number, to: checked, name: peerName)
        try send(.connect(link))
        return Peer(link: link, core: core)
    }

    /// Lets the messenger's thread do the work of `source` as well, until the messenger is closed; one source at a
    /// time.
    ///
    /// - Throws: `unavailable` after `close`.
    public func drive(_ source: EventSource) throws(ImpRAGError) { try send(.drive(source)) }

    /// The source has work that its descriptor does not tell of. Any thread may say so, the messenger's at little cost.
    public func signalSource() { core.outbox.signal() }

    /// Calls `body`, which neither waits nor takes long, on the messenger's thread: messages that it sends need no
    /// wakeup.
    ///
    /// - Throws: `unavailable` after `close`; `body` is not called then.
    public func perform(_ body: @escaping @Sendable () -> Void) throws(ImpRAGError) { try send(.perform(body)) }

    /// What happened to messages so far.
    public var counters: MessagingCounters { core.counters.withLock { $0 } }

    /// Ends everything and waits for that: calls fail with `unavailable`, requests are cancelled and their clients
    /// told. A second call does nothing. Must not be called from a handler.
    public func close() {
        core.outbox.close()
        isJoined.withLock { isJoined in
            if !isJoined { core.transport.join() }
            isJoined = true
        }
    }

    private func send(_ command: Command) throws(ImpRAGError) {
        guard core.outbox.send(command) == .accepted else {
            throw ImpRAGError(.unavailable, "\(name) has closed its sockets")
        }
    }
}
