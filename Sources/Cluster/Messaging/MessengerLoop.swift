import Core
import Synchronization
internal import Wire
internal import ZeroMQ

/// What the I/O thread does: it owns every socket, the table of requests and the tables of calls.
final class MessengerLoop {
    /// A listening socket.
    struct Server {
        let socket: Socket
        let handler: @Sendable (IncomingRequest) -> Void
        let lock: SocketLock?
        var pollIndex = 0
    }

    /// A request in flight.
    struct Entry {
        let state: RequestState
        /// A reply could not be delivered: none that follows may be. (The handler may have ended the request already,
        /// with replies still on their way, so `state` cannot tell.)
        var isBroken = false
    }

    /// A request whose envelope is being read on another thread.
    struct Decoding {
        let bytes: Int
        /// Its client has said stop in the meantime.
        var isCancelled = false
    }

    enum Timer: Sendable {
        case request(RequestKey)
        case lastWord(RequestKey)
        case call(peer: Int, requestID: UInt64)
        case grace(peer: Int)
    }

    let core: MessengerCore
    var servers: [Server] = []
    var connections: [Int: PeerConnection] = [:]
    var clients: [ClientKey: [UInt64: Entry]] = [:]
    var decoding: [RequestKey: Decoding] = [:]
    var requestCount = 0
    var callCount = 0
    var timers = TimerHeap<Timer>()
    private var poller = Poller()
    private var socketsChanged = true

    /// Messages read from one socket before the others have their turn.
    static let burst = 256

    init(_ core: MessengerCore) {
        self.core = core
    }

    func run() {
        while true {
            let (commands, isClosed) = core.outbox.take()
            for command in commands { perform(command) }
            // Not one wait later: the signal that came with the closing may be spent already.
            if isClosed { return shutDown() }
            fireTimers()
            do {
                try waitForWork()
            } catch {
                // Only a bug makes `zmq_poll` fail; without it there is no way to go on.
                preconditionFailure("\(error)")
            }
            for index in servers.indices where poller.isReadable(servers[index].pollIndex) {
                receiveRequests(at: index)
            }
            for connection in connections.values {
                // Replies before the news that the connection is lost: they are still good.
                if poller.isReadable(connection.pollIndex) { receiveReplies(from: connection) }
                if poller.isReadable(connection.pollIndex + 1) { receiveEvents(of: connection) }
            }
        }
    }

    private func waitForWork() throws(ZeroMQError) {
        if socketsChanged {
            socketsChanged = false
            poller = Poller()
            _ = poller.add(core.waker)
            for index in servers.indices { servers[index].pollIndex = poller.add(servers[index].socket) }
            for connection in connections.values {
                connection.pollIndex = poller.add(connection.socket)
                _ = poller.add(connection.monitor)
            }
        }
        var milliseconds = -1
        if let next = timers.next { milliseconds = Deadline(next).remainingMilliseconds }
        try poller.wait(milliseconds: milliseconds)
        if poller.isReadable(0) { core.waker.clear() }
    }

    private func perform(_ command: Command) {
        switch command {
        case .serve(let handover, let handler):
            servers.append(Server(socket: handover.socket, handler: handler, lock: handover.lock))
            socketsChanged = true
        case .connect(let link, let handover):
            guard let monitor = handover.monitor else { preconditionFailure("a peer without a monitor") }
            let graceEnd = ContinuousClock.now + .milliseconds(core.limits.connectMilliseconds)
            connections[link.number] = PeerConnection(
                link: link, socket: handover.socket, monitor: monitor, graceEnd: graceEnd)
            timers.add(.grace(peer: link.number), at: graceEnd)
            socketsChanged = true
        case .call(let link, let call, let message):
            if let connection = connections[link.number] { start(call, message, on: connection) }
        case .abandon(let link, let requestID):
            if let connection = connections[link.number] { abandon(requestID, on: connection) }
        case .reply(let key, let message, let isLast): sendReply(message, to: key, isLast: isLast)
        case .drop(let key): dropRequest(key)
        case .decoded(let key, let message, let result): finishDecoding(key, message, result)
        }
    }

    private func fireTimers() {
        let now = ContinuousClock.now
        while let timer = timers.popDue(at: now) {
            switch timer {
            case .request(let key): expireRequest(key)
            case .lastWord(let key): sayLastWord(to: key)
            case .call(let peer, let requestID):
                if let connection = connections[peer] { expireCall(requestID, on: connection) }
            case .grace(let peer):
                if let connection = connections[peer] { endGrace(of: connection) }
            }
        }
        timers.compact(live: requestCount + callCount + connections.count) { timer in
            switch timer {
            case .request(let key), .lastWord(let key): clients[key.client]?[key.requestID] != nil
            case .call(let peer, let requestID): connections[peer]?.calls[requestID] != nil
            case .grace: true
            }
        }
    }

    /// Sends the frames of `message`, after those of `prefix`. Throws `isUnreachable` from a ROUTER.
    ///
    /// - Returns: false when the socket cannot take it.
    func send(_ message: OutgoingMessage, to routingID: [UInt8]? = nil, on socket: Socket) throws(ZeroMQError) -> Bool {
        if let routingID {
            guard try socket.send(Message(lending: routingID), more: true) else { return false }
        }
        let hasTensors = !message.tensors.isEmpty
        guard try socket.send(Message(lending: message.envelope), more: hasTensors) else { return false }
        for (index, tensor) in message.tensors.enumerated() {
            guard try socket.send(tensor.message(), more: index + 1 < message.tensors.count) else { return false }
        }
        return true
    }

    /// The frames of one message, or nil when none waits. Those beyond `limit`, or beyond `byteLimit` together, are dropped.
    func receiveFrames(
        from socket: Socket, limit: Int, byteLimit: Int = .max
    ) throws(ZeroMQError) -> (frames: [Frame], isCut: Bool)? {
        guard let first = try socket.receive() else { return nil }
        var hasMore = first.hasMore
        var bytes = first.byteCount
        var frames = [Frame(first)]
        var isCut = false
        while hasMore, let next = try socket.receive() {
            hasMore = next.hasMore
            bytes += next.byteCount
            if frames.count < limit, bytes <= byteLimit { frames.append(Frame(next)) } else { isCut = true }
        }
        return (frames, isCut)
    }

    private func shutDown() {
        core.stopDecoder()
        for (client, requests) in clients {
            for (requestID, entry) in requests {
                let key = RequestKey(client: client, requestID: requestID)
                entry.state.cancel()
                sendFailure(.unavailable, "\(core.name) is stopping", to: key)
            }
        }
        clients = [:]
        for connection in connections.values {
            for (requestID, call) in connection.calls {
                sendCancel(of: requestID, on: connection)
                call.fail(ImpRAGError(.unavailable, "\(call.what): this node has closed its sockets"))
            }
            connection.socket.stopMonitor()
        }
        connections = [:]
        servers = []
    }
}
