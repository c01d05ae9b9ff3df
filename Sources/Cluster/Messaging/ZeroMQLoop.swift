internal import Core
internal import Wire
internal import ZeroMQ

/// The event loop that owns a messenger's sockets and feeds the exchange.
final class ZeroMQLoop: Connections {
    /// A listening socket.
    private struct Server {
        let socket: Socket
        /// Whether peers are known by their keys.
        let hasKeys: Bool
        /// Held as long as the socket.
        let lock: SocketLock?
        var pollIndex = 0
    }

    private struct Connection {
        let socket: Socket
        /// Reports when the connection is made and lost.
        let monitor: Socket
        let endpoint: Endpoint
        let hasKeys: Bool
        /// Handshakes in a row that the peer broke off without a word.
        var brokenHandshakes = 0

        /// Whether calls wait through the last of these: libzmq tries again by itself. The peer may be stopping just
        /// then; and of two ends that disagree about keys, the other may hang up before this one has seen why.
        var bearsBrokenHandshake: Bool {
            brokenHandshakes > 0 && brokenHandshakes <= (endpoint.socketPath != nil ? 0 : hasKeys ? 2 : 3)
        }

        /// The socket's index in the poll set; the monitor's is the next.
        var pollIndex = 0
    }

    private let transport: ZeroMQTransport
    private var servers: [Int: Server] = [:]
    private var connections: [Int: Connection] = [:]
    private var poller = Poller()
    private var socketsChanged = true
    private var pauses = PauseMeter()
    private var source: (events: EventSource, pollIndex: Int, due: ContinuousClock.Instant?)?
    /// Whether the event source was signalled since it worked. That may be before it is here: it comes in the queue of
    /// commands.
    private var isSignalled = false

    /// Messages read from one socket before the others get their turn.
    private static let burst = 256
    /// A routing id, an envelope and its tensors.
    private static let requestFrames = 2 + TensorDescription.countLimit
    private static let replyFrames = 1 + TensorDescription.countLimit

    init(_ transport: ZeroMQTransport) {
        self.transport = transport
    }

    /// Runs until the exchange is done.
    func run(_ exchange: Exchange) {
        while exchange.work() {
            do {
                let due = source != nil && isSignalled ? exchange.clock.now : source?.due
                let next = [exchange.nextTimer, due].compactMap(\.self).min()
                try wait(until: next.map { Deadline($0, on: exchange.clock) }, exchange)
            } catch {
                // Only a bug makes `zmq_poll` fail, and nothing works without it.
                preconditionFailure("\(error)")
            }
            exchange.core.outbox.awoke()
            exchange.pause = pauses.pause
            exchange.isBusy = false
            var isDrained = true
            for (number, server) in servers where poller.isReadable(server.pollIndex) {
                if !receiveRequests(at: number, server, exchange) { isDrained = false }
            }
            if isDrained { pauses.drained() }
            for (number, connection) in connections {
                // Replies before the news that the connection is lost: they still count.
                if poller.isReadable(connection.pollIndex) { receiveReplies(on: number, connection.socket, exchange) }
                if poller.isReadable(connection.pollIndex + 1) { receiveNews(of: number, exchange) }
            }
            // Last: replies make work for it.
            if exchange.core.outbox.takeSignal() { isSignalled = true }
            workForSource(exchange.clock)
        }
    }

    private func wait(until deadline: Deadline?, _ exchange: Exchange) throws(ZeroMQError) {
        if socketsChanged {
            socketsChanged = false
            poller = Poller()
            _ = poller.add(transport.waker)
            for number in servers.keys.sorted() {
                if let socket = servers[number]?.socket { servers[number]?.pollIndex = poller.add(socket) }
            }
            for number in connections.keys.sorted() {
                guard let connection = connections[number] else { continue }
                connections[number]?.pollIndex = poller.add(connection.socket)
                _ = poller.add(connection.monitor)
            }
            if let descriptor = source?.events.descriptor { source?.pollIndex = poller.add(descriptor: descriptor) }
        }
        let milliseconds = deadline?.remainingMilliseconds
        if servers.isEmpty {
            try poller.wait(milliseconds: milliseconds ?? -1)
        } else {
            let limit = min(milliseconds ?? .max, PauseMeter.longestWaitMilliseconds)
            let start = exchange.clock.now
            try poller.wait(milliseconds: limit)
            pauses.waited(from: start, until: start + .milliseconds(limit), now: exchange.clock.now)
        }
        if poller.isReadable(0) { transport.waker.clear() }
    }

    private func workForSource(_ clock: any Clock) {
        guard let source,
            isSignalled || poller.isReadable(source.pollIndex) || source.due.map({ $0 <= clock.now }) == true
        else { return }
        isSignalled = false
        self.source?.due = source.events.work().map { clock.now + .milliseconds($0) }
    }

    // MARK: Receiving

    /// Whether everything that had arrived has been read.
    private func receiveRequests(at number: Int, _ server: Server, _ exchange: Exchange) -> Bool {
        for _ in 0..<Self.burst {
            guard
                let (frames, excess) = try? receiveFrames(
                    from: server.socket, limit: Self.requestFrames, byteLimit: transport.limits.requestBytes),
                let identity = frames.first
            else { return true }
            guard frames.count > 1 else {
                exchange.core.count(\.malformed)
                continue
            }
            exchange.received(
                .frames(envelope: frames[1], tensors: Array(frames.dropFirst(2)), excess: excess),
                from: ClientKey(
                    server: number, routingID: identity.numbers(),
                    // Without a name, which libzmq does not let happen, nobody is in the key list.
                    publicKey: server.hasKeys ? frames[1].userID ?? "" : nil))
        }
        return false
    }

    private func receiveReplies(on connection: Int, _ socket: Socket, _ exchange: Exchange) {
        for _ in 0..<Self.burst {
            guard let (frames, excess) = try? receiveFrames(from: socket, limit: Self.replyFrames),
                let envelope = frames.first
            else { return }
            exchange.received(
                .frames(envelope: envelope, tensors: Array(frames.dropFirst()), excess: excess), on: connection)
        }
    }

    private func receiveNews(of number: Int, _ exchange: Exchange) {
        while let connection = connections[number],
            let (frames, _) = try? receiveFrames(from: connection.monitor, limit: 2), let first = frames.first
        {
            switch first.withBytes({ ConnectionEvent($0) }) {
            case .reached: exchange.happened(.reached, to: number)
            case .refused: exchange.happened(.refused, to: number)
            case .connected:
                connections[number]?.brokenHandshakes = 0
                exchange.happened(.connected, to: number)
            case .failed(let failure): handshakeFailed(failure, on: number, connection, exchange)
            case .disconnected:
                receiveReplies(on: number, connection.socket, exchange)
                if !connection.bearsBrokenHandshake { exchange.happened(.lost, to: number) }
            case nil: break
            }
        }
    }

    private func handshakeFailed(
        _ failure: ConnectionEvent.Failure, on number: Int, _ connection: Connection, _ exchange: Exchange
    ) {
        if failure == .brokenOff {
            connections[number]?.brokenHandshakes += 1
            guard connections[number]?.bearsBrokenHandshake != true else { return }
        }
        let key = connection.hasKeys ? transport.keys?.own.name : nil
        guard let reason = KeyDenial.reason(failure, key: key) else { return }
        // libzmq would try again many times a second, or never.
        try? connection.socket.disconnect(connection.endpoint.description)
        exchange.happened(.denied(reason), to: number)
    }

    /// The frames of one message, or nil when none waits. Those beyond `limit`, or beyond `byteLimit` together, are
    /// dropped.
    private func receiveFrames(
        from socket: Socket, limit: Int, byteLimit: Int = .max
    ) throws(ZeroMQError) -> (frames: [Frame], excess: Excess?)? {
        guard let first = try socket.receive() else { return nil }
        var hasMore = first.hasMore
        var bytes = first.byteCount
        var frames = [Frame(first)]
        var isTooMany = false
        while hasMore, let next = try socket.receive() {
            hasMore = next.hasMore
            bytes += next.byteCount
            if frames.count == limit { isTooMany = true } else if bytes <= byteLimit { frames.append(Frame(next)) }
        }
        if bytes > byteLimit { return (frames, .bytes(bytes, limit: byteLimit)) }
        return (frames, isTooMany ? .frames : nil)
    }

    // MARK: Connections

    func adopt(server number: Int) {
        guard let arrival = transport.takeArrival(number) else { return }
        servers[number] = Server(socket: arrival.socket, hasKeys: arrival.hasKeys, lock: arrival.lock)
        socketsChanged = true
    }

    func adopt(connection number: Int) {
        guard let arrival = transport.takeArrival(number), let monitor = arrival.monitor else { return }
        connections[number] = Connection(
            socket: arrival.socket, monitor: monitor, endpoint: arrival.endpoint, hasKeys: arrival.hasKeys)
        socketsChanged = true
    }

    func drive(_ source: EventSource) {
        self.source = (source, 0, nil)
        socketsChanged = true
    }

    func reconnect(connection number: Int) {
        guard let connection = connections[number] else { return }
        // Another handshake like the last one is enough.
        connections[number]?.brokenHandshakes = min(1, connection.brokenHandshakes)
        try? connection.socket.connect(connection.endpoint.description)
    }

    func close(connection number: Int) {
        connections.removeValue(forKey: number)?.socket.stopMonitor()
        socketsChanged = true
    }

    func send(_ message: OutgoingMessage, to client: ClientKey) -> Delivery {
        guard let socket = servers[client.server]?.socket else { return .unreachable }
        return send(message, behind: client.routingID, on: socket)
    }

    func send(_ message: OutgoingMessage, on connection: Int) -> Delivery {
        guard let socket = connections[connection]?.socket else { return .unreachable }
        return send(message, behind: nil, on: socket)
    }

    /// Sends the frames of `message`, preceded by the routing id if the socket is a ROUTER.
    private func send(_ message: OutgoingMessage, behind routingID: [UInt8]?, on socket: Socket) -> Delivery {
        guard case .bytes(let envelope) = message.head else { preconditionFailure("an envelope that is no bytes") }
        do throws(ZeroMQError) {
            if let routingID {
                guard try socket.send(Message(lending: routingID), more: true) else { return .full }
            }
            guard try socket.send(Message(lending: envelope), more: !message.tensors.isEmpty) else { return .full }
            for (index, tensor) in message.tensors.enumerated() {
                guard try socket.send(tensor.message(), more: index + 1 < message.tensors.count) else { return .full }
            }
            return .sent
        } catch {
            return .unreachable
        }
    }

    func shutDown() {
        for connection in connections.values { connection.socket.stopMonitor() }
        connections = [:]
        servers = [:]
        source = nil
    }
}
