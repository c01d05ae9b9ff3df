public import Core
internal import Foundation
internal import Platform
internal import Synchronization
internal import ZeroMQ

/// All sockets of a node: it serves requests and calls peers. One I/O thread owns the sockets; any thread may call.
///
/// Messages are neither encrypted nor authenticated yet, so endpoints that other machines can reach are refused unless
/// `allowRemote` says otherwise.
public final class Messenger: Sendable {
    public let name: String

    private let core: MessengerCore
    private let allowRemote: Bool
    private let thread: NamedThread
    private let isJoined = Mutex(false)

    /// Starts the I/O thread.
    ///
    /// - Parameter name: the node's name, which its messages carry; empty for a client.
    /// - Throws: `resourceExhausted` when the system has no more threads or descriptors.
    public init(name: String, allowRemote: Bool = false, limits: MessagingLimits = .init()) throws(ImpRAGError) {
        self.name = name
        self.allowRemote = allowRemote
        let core: MessengerCore
        do {
            core = try MessengerCore(name: name, limits: limits)
        } catch {
            throw ImpRAGError(.resourceExhausted, "the messenger of \(name) cannot start", cause: error)
        }
        self.core = core
        thread = try NamedThread("imprag-io") { MessengerLoop(core).run() }
    }

    deinit {
        // Without waiting: the last reference may go on the I/O thread itself.
        core.outbox.close()
    }

    /// Serves requests at `endpoint`.
    ///
    /// - Parameters:
    ///   - endpoint: `ipc://PATH`, or `tcp://HOST:PORT` where `*` stands for a free port.
    ///   - handler: called on the I/O thread for each request: it must not block, only hand the work on.
    /// - Returns: the endpoint, with the port that was chosen.
    /// - Throws: `invalidArgument`, `permissionDenied` for an endpoint that is not local, `failedPrecondition` when it
    /// cannot
    ///   be bound.
    @discardableResult
    public func listen(
        on endpoint: String, handler: @escaping @Sendable (IncomingRequest) -> Void
    ) throws(ImpRAGError) -> String {
        let checked = try Endpoint(endpoint)
        try checked.check(allowRemote: allowRemote)
        let lock = try checked.socketPath.map { path throws(ImpRAGError) in
            try refuseForeignFile(at: path)
            return try lockSocket(at: path)
        }
        do {
            let socket = try Socket(.router, in: core.context)
            try setCommonOptions(of: socket, for: endpoint, envelopeBytes: core.limits.envelopeBytes)
            try socket.set(.routerMandatory, .routerHandover, .backlog(1024))
            try socket.bind(endpoint)
            lock?.isBound = true
            let bound = try socket.lastEndpoint()
            guard
                core.outbox.send(.serve(Handover(socket: socket, monitor: nil, lock: lock), handler: handler))
                    == .accepted
            else {
                throw ImpRAGError(.unavailable, "\(name) has closed its sockets")
            }
            return bound
        } catch let error as ZeroMQError {
            throw ImpRAGError(.failedPrecondition, "\(name) cannot listen on \(endpoint)", cause: error)
        } catch let error as ImpRAGError {
            throw error
        } catch {
            throw ImpRAGError(.internal, "\(name) cannot listen on \(endpoint)", cause: error)
        }
    }

    /// Prepares calls to the node `name` at `endpoint`; the connection is made, and made again, in the background.
    ///
    /// - Throws: `invalidArgument`, `permissionDenied` for an endpoint that is not local, `resourceExhausted`.
    public func connect(to endpoint: String, name peerName: String) throws(ImpRAGError) -> Peer {
        let checked = try Endpoint(endpoint)
        try checked.check(allowRemote: allowRemote)
        let link = PeerLink(number: core.nextPeerNumber(), name: peerName, endpoint: checked)
        do {
            let socket = try Socket(.dealer, in: core.context)
            try setCommonOptions(of: socket, for: endpoint, envelopeBytes: core.limits.replyEnvelopeBytes)
            try socket.set(.immediate, .reconnectInterval(20), .reconnectIntervalMax(1000))
            let events = "inproc://monitor-\(link.number)"
            try socket.monitor(at: events)
            let monitor = try Socket(.pair, in: core.context)
            try monitor.set(.linger(0))
            try monitor.connect(events)
            try socket.connect(endpoint)
            guard core.outbox.send(.connect(link, Handover(socket: socket, monitor: monitor, lock: nil))) == .accepted
            else {
                throw ImpRAGError(.unavailable, "\(name) has closed its sockets")
            }
            return Peer(link: link, core: core)
        } catch let error as ZeroMQError {
            throw ImpRAGError(.invalidArgument, "\(peerName) cannot be connected at \(endpoint)", cause: error)
        } catch let error as ImpRAGError {
            throw error
        } catch {
            throw ImpRAGError(.internal, "\(peerName) cannot be connected at \(endpoint)", cause: error)
        }
    }

    /// What happened at the sockets so far.
    public var counters: MessagingCounters { core.counters.withLock { $0 } }

    /// Ends everything and waits for the I/O thread: calls fail with `unavailable`, requests are cancelled and their
    /// clients told so. A second call does nothing. Not to be called from a handler.
    public func close() {
        core.outbox.close()
        isJoined.withLock { isJoined in
            if !isJoined { thread.join() }
            isJoined = true
        }
    }

    /// Binding an ipc path silently takes it over from the process that serves it, so it is locked first.
    private func lockSocket(at path: String) throws(ImpRAGError) -> SocketLock {
        SocketLock(
            try FileLock(
                path: path + ".lock",
                work:
                    "\(name) cannot listen on ipc://\(path): another process does; stop that one, or choose another path"
            ), path: path)
    }

    /// Throws when something that is no socket stands at `path`: libzmq would delete it to make room for its own.
    private func refuseForeignFile(at path: String) throws(ImpRAGError) {
        guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
            type != .typeSocket
        else { return }
        throw ImpRAGError(
            .failedPrecondition,
            "\(name) cannot listen on ipc://\(path): what stands there is no socket, and it stays; choose another path")
    }

    private func setCommonOptions(of socket: Socket, for endpoint: String, envelopeBytes: Int) throws(ZeroMQError) {
        let limits = core.limits
        try socket.set(
            // Time for a last word: a failure to a client, a cancel to a peer.
            .linger(100),
            .sendHighWater(limits.messagesPerConnection), .receiveHighWater(limits.messagesPerConnection),
            .maxMessageBytes(max(envelopeBytes, limits.frameBytes)),
            .heartbeatInterval(2000), .heartbeatTimeout(6000), .handshakeInterval(5000), .tcpKeepAlive)
        // Not always: a socket for both would show 127.0.0.1 as ::ffff:127.0.0.1.
        if endpoint.contains("[") { try socket.set(.ipv6) }
    }
}
