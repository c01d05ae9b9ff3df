internal import Core
internal import Foundation
internal import Platform
internal import Synchronization
internal import Wire
internal import ZeroMQ

/// Messages over ZeroMQ: a ROUTER socket for each endpoint served, a DEALER for each peer called, and one thread that
/// owns them all.
final class ZeroMQTransport: Transport {
    /// A socket on its way from the thread that made it to the owner.
    struct Arrival: @unchecked Sendable {
        // Sendable: the maker keeps no reference, and the lock is the memory barrier that libzmq asks for.
        let socket: Socket
        let endpoint: Endpoint
        /// Whether its connections are encrypted, and peers known by their keys.
        let hasKeys: Bool
        let monitor: Socket?
        let lock: SocketLock?
    }

    let limits: MessagingLimits
    let waker: Waker
    let keys: MessengerKeys?
    private let name: String
    private let context: Context
    private let arrivals = Mutex<[Int: Arrival]>([:])
    private let thread = Mutex<NamedThread?>(nil)

    /// - Parameters:
    ///   - name: the node's, for errors.
    ///   - keys: for all sockets but those of the kind ipc; without them, only this machine is talked to.
    /// - Throws: `resourceExhausted` when the system has no more descriptors.
    init(name: String, keys: MessengerKeys?, limits: MessagingLimits) throws(ImpRAGError) {
        self.name = name
        self.keys = keys
        self.limits = limits
        do {
            context = try Context(maxSockets: 65_535)
            waker = try Waker()
        } catch {
            throw ImpRAGError(.resourceExhausted, "the messenger of \(name) cannot start", cause: error)
        }
    }

    var carriesBytes: Bool { true }

    func wake() { waker.signal() }

    func start(_ make: @escaping @Sendable (any Connections) -> Exchange) throws(ImpRAGError) {
        let authenticator = try keys?.ring.map { ring throws(ImpRAGError) in
            try KeyAuthenticator(ring, in: context)
        }
        do throws(ImpRAGError) {
            let started = try NamedThread("imprag-io") { [self] in
                let loop = ZeroMQLoop(self)
                loop.run(make(loop))
                authenticator?.stop()
            }
            thread.withLock { $0 = started }
        } catch {
            authenticator?.stop()
            throw error
        }
    }

    func join() { thread.withLock { $0 }?.join() }

    /// The socket of a server or a connection, once.
    func takeArrival(_ number: Int) -> Arrival? { arrivals.withLock { $0.removeValue(forKey: number) } }

    func caller(of client: ClientKey) throws(ImpRAGError) -> Caller {
        // Those that a socket gives begin with a zero. One that a client brings may have been another's a moment ago,
        // or be another's next: whoever has it then gets the answers to both.
        guard client.routingID.first == 0 else {
            throw ImpRAGError(
                .invalidArgument,
                "this connection chose its own ZeroMQ routing id; leave ZMQ_ROUTING_ID alone, and \(name) gives it one")
        }
        guard let publicKey = client.publicKey else { return .local }
        guard let key = keys?.ring?.key(publicKey) else {
            throw ImpRAGError(
                .unauthenticated, "the key of this connection is no longer in the key list of \(name): it was revoked")
        }
        return .holder(name: key.name, role: key.role)
    }

    // MARK: Sockets

    func bind(_ number: Int, to endpoint: Endpoint) throws(ImpRAGError) -> String {
        let secret = keys?.ring == nil ? nil : keys?.own.serverSecret
        try endpoint.checkListening(hasKeys: secret != nil)
        let lock = try endpoint.socketPath.map { path throws(ImpRAGError) in
            try refuseForeignFile(at: path)
            try refuseOpenDirectory(of: path)
            return try lockSocket(at: path)
        }
        do throws(ZeroMQError) {
            let socket = try Socket(.router, in: context)
            try setCommonOptions(of: socket, for: endpoint, envelopeBytes: limits.envelopeBytes)
            // A routing id belongs to the connection that has it: who claims it later is not heard.
            try socket.set(.routerMandatory, .backlog(1024))
            let secret = lock == nil ? secret : nil
            if let secret { try socket.useCurve(asServerWith: secret, domain: KeyAuthenticator.domain) }
            try socket.bind(endpoint.description)
            lock?.becameBound()
            let bound = try socket.lastEndpoint()
            arrivals.withLock {
                $0[number] = Arrival(
                    socket: socket, endpoint: endpoint, hasKeys: secret != nil, monitor: nil, lock: lock)
            }
            return bound
        } catch {
            let remedy =
                error.isAddressInUse
                ? ": another program listens there, perhaps this cluster already; stop that one, or choose another address, "
                    + "\"listen\" of a cluster file or `imprag up --endpoint`" : ""
            throw ImpRAGError(.failedPrecondition, "\(name) cannot listen on \(endpoint)\(remedy)", cause: error)
        }
    }

    func open(_ number: Int, to endpoint: Endpoint, name peer: String) throws(ImpRAGError) {
        try endpoint.checkConnecting(hasKey: keys != nil)
        let own = endpoint.socketPath == nil ? keys?.own : nil
        do throws(ZeroMQError) {
            let socket = try Socket(.dealer, in: context)
            try setCommonOptions(of: socket, for: endpoint, envelopeBytes: limits.replyEnvelopeBytes)
            try socket.set(.immediate, .reconnectInterval(20), .reconnectIntervalMax(1000))
            if let own {
                try socket.useCurve(
                    asClientOf: own.serverKey, publicKey: own.publicKey, secretKey: own.secretKey)
            }
            let events = "inproc://monitor-\(number)"
            try socket.monitor(at: events)
            let monitor = try Socket(.pair, in: context)
            try monitor.set(.linger(0))
            try monitor.connect(events)
            try socket.connect(endpoint.description)
            arrivals.withLock {
                $0[number] = Arrival(
                    socket: socket, endpoint: endpoint, hasKeys: own != nil, monitor: monitor, lock: nil)
            }
        } catch {
            throw ImpRAGError(.invalidArgument, "\(peer) cannot be connected at \(endpoint)", cause: error)
        }
    }

    /// Binding an ipc path silently takes it away from the process that serves it, so it is locked first.
    private func lockSocket(at path: String) throws(ImpRAGError) -> SocketLock {
        SocketLock(
            try FileLock(
                path: path + ".lock",
                work:
                    "\(name) cannot listen on ipc://\(path): another process does; stop that one, or choose another path"
            ), path: path)
    }

    /// Throws when `path` exists and is no socket: libzmq would delete it to make room for its own.
    private func refuseForeignFile(at path: String) throws(ImpRAGError) {
        guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
            type != .typeSocket
        else { return }
        throw ImpRAGError(
            .failedPrecondition,
            "\(name) cannot listen on ipc://\(path): what stands there is no socket, and it stays; choose another path")
    }

    /// Throws when every user of the machine could put a socket of their own in the place of the one at `path`.
    private func refuseOpenDirectory(of path: String) throws(ImpRAGError) {
        guard SocketFile.isReplaceableByAll(path) else { return }
        throw ImpRAGError(
            .permissionDenied,
            "\(name) cannot listen on ipc://\(path): every user of this machine may replace files in that directory; choose "
                + "one that only you can write to, or set its sticky bit")
    }

    private func setCommonOptions(
        of socket: Socket, for endpoint: Endpoint, envelopeBytes: Int
    ) throws(ZeroMQError) {
        try socket.set(
            // Time for a last message: a failure to a client, a cancel to a peer.
            .linger(100),
            .sendHighWater(limits.messagesPerConnection), .receiveHighWater(limits.messagesPerConnection),
            .maxMessageBytes(max(envelopeBytes, limits.frameBytes)),
            .heartbeatInterval(2000), .heartbeatTimeout(6000), .handshakeInterval(5000), .tcpKeepAlive)
        // Only then: a dual-stack socket would show 127.0.0.1 as ::ffff:127.0.0.1.
        if endpoint.description.contains("[") { try socket.set(.ipv6) }
    }
}
