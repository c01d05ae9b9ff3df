import Core
import Synchronization
internal import Wire

/// The state of a messenger's thread: the table of requests, the tables of calls, and their timers. Only its transport
/// calls it, on one thread.
package final class Exchange {
    /// A request in flight.
    struct Entry {
        let state: RequestState
        let body: Request
        /// A reply could not be delivered, so no later one may be. (`state` cannot tell: the handler may have ended the
        /// request already, with replies still queued.)
        var isBroken = false
    }

    /// A request whose envelope is being decoded on another thread.
    struct Decoding {
        let bytes: Int
        /// See `Exchange.pause`.
        let pause: Duration
        /// Its client has cancelled it meanwhile.
        var isCancelled = false
    }

    enum Timer: Sendable {
        case request(RequestKey)
        case lastWord(RequestKey)
        case call(peer: Int, requestID: UInt64)
        case grace(peer: Int)
        case reconnect(peer: Int)
    }

    let core: MessengerCore
    let transport: any Connections
    var handlers: [Int: @Sendable (IncomingRequest) -> Void] = [:]
    var connections: [Int: PeerConnection] = [:]
    /// Connections that end with their last call.
    private var closing: Set<Int> = []
    var clients: [ClientKey: [UInt64: Entry]] = [:]
    var decoding: [RequestKey: Decoding] = [:]
    var ended = EndedRequests()
    var requestCount = 0
    var callCount = 0
    var timers = TimerHeap<Timer>()
    /// How much older than they look the requests may be that the transport passes on now: this process was paused.
    package var pause = Duration.zero
    /// A request has been handed on since the transport waited last: others that came meanwhile are not to wait for
    /// what its handler does here.
    package var isBusy = false

    init(_ core: MessengerCore, _ transport: any Connections) {
        self.core = core
        self.transport = transport
    }

    var clock: any Clock { core.clock }

    /// When `work` has to be called at the latest.
    package var nextTimer: ContinuousClock.Instant? { timers.next }

    /// Executes other threads' commands and due timers. False once everything is closed.
    package func work() -> Bool {
        // Twice: what commands themselves ask for is done at once, and needs no wakeup.
        for sleeps in [false, true] {
            let (commands, isClosed) = core.outbox.take(sleeps: sleeps)
            for command in commands { perform(command) }
            // Checked now, not after another wait: the wakeup for closing may be consumed already.
            guard !isClosed else {
                shutDown()
                return false
            }
        }
        fireTimers()
        if !closing.isEmpty { closeIdle() }
        return true
    }

    private func closeIdle() {
        for number in closing where connections[number]?.calls.isEmpty != false {
            closing.remove(number)
            connections.removeValue(forKey: number)?.link.isConnected = false
            transport.close(connection: number)
        }
    }

    private func perform(_ command: Command) {
        switch command {
        case .serve(let number, let handler):
            handlers[number] = handler
            transport.adopt(server: number)
        case .connect(let link):
            let graceEnd = clock.now + .milliseconds(core.limits.connectMilliseconds)
            connections[link.number] = PeerConnection(link: link, graceEnd: graceEnd)
            timers.add(.grace(peer: link.number), at: graceEnd)
            transport.adopt(connection: link.number)
        case .drive(let source): transport.drive(source)
        case .perform(let body): body()
        case .disconnect(let link):
            connections[link.number]?.isClosing = true
            closing.insert(link.number)
        case .call(let link, let call, let message):
            if let connection = connections[link.number], !connection.isClosing {
                start(call, message, on: connection)
            } else {
                call.fail(ImpRAGError(.unavailable, "\(call.what): the connection to it has been given up"))
            }
        case .abandon(let link, let requestID):
            if let connection = connections[link.number] { abandon(requestID, on: connection) }
        case .reply(let key, let message, let isLast): sendReply(message, to: key, isLast: isLast)
        case .drop(let key): dropRequest(key)
        case .decoded(let key, let message, let result): finishDecoding(key, message, result)
        }
    }

    private func fireTimers() {
        let now = clock.now
        while let timer = timers.popDue(at: now) {
            switch timer {
            case .request(let key): expireRequest(key)
            case .lastWord(let key): sayLastWord(to: key)
            case .call(let peer, let requestID):
                if let connection = connections[peer] { expireCall(requestID, on: connection) }
            case .grace(let peer):
                if let connection = connections[peer] { endGrace(of: connection) }
            case .reconnect(let peer):
                if connections[peer] != nil { transport.reconnect(connection: peer) }
            }
        }
        timers.compact(live: requestCount + callCount + connections.count) { timer in
            switch timer {
            case .request(let key), .lastWord(let key): clients[key.client]?[key.requestID] != nil
            case .call(let peer, let requestID): connections[peer]?.calls[requestID] != nil
            case .grace, .reconnect: true
            }
        }
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
            for (requestID, active) in connection.calls {
                sendCancel(of: requestID, on: connection)
                active.call.fail(ImpRAGError(.unavailable, "\(active.call.what): this node has closed its sockets"))
            }
        }
        connections = [:]
        handlers = [:]
        transport.shutDown()
    }
}

/// The requests that ended last, so that a late duplicate is told from a new request. A ring of fixed size.
struct EndedRequests {
    private var keys: Set<RequestKey> = []
    private var order: [RequestKey] = []
    /// Index of the oldest in `order`, once that is full.
    private var oldest = 0

    static let limit = 4096

    func contains(_ key: RequestKey) -> Bool { keys.contains(key) }

    mutating func insert(_ key: RequestKey) {
        guard keys.insert(key).inserted else { return }
        if order.count < Self.limit {
            order.append(key)
        } else {
            keys.remove(order[oldest])
            order[oldest] = key
            oldest = (oldest + 1) % Self.limit
        }
    }
}
