package import Core
package import Messaging
internal import Wire

/// The faults of message delivery, each with a probability.
package struct NetworkFaults {
    package var lost = 0.0
    /// Arrives up to two seconds late.
    package var late = 0.0
    package var doubled = 0.0
    /// May overtake others on its connection.
    package var reordered = 0.0

    package init(lost: Double = 0, late: Double = 0, doubled: Double = 0, reordered: Double = 0) {
        self.lost = lost
        self.late = late
        self.doubled = doubled
        self.reordered = reordered
    }
}

/// Connections between processes.
// Sendable: see `World`.
package final class SimulatedNetwork: @unchecked Sendable {
    package let world: World
    package var faults = NetworkFaults()
    fileprivate var listeners: [String: (transport: SimulatedTransport, server: Int)] = [:]
    private var linkCount: UInt64 = 0

    package init(_ world: World) {
        self.world = world
    }

    /// One connection, from connect to loss.
    fileprivate final class Link {
        let routingID: [UInt8]
        let client: SimulatedTransport
        let connection: Int
        let server: SimulatedTransport
        let serverNumber: Int
        var isOpen = true
        /// When the latest message arrives, in each direction: later ones do not overtake it.
        var lastToServer: ContinuousClock.Instant
        var lastToClient: ContinuousClock.Instant

        init(
            _ routingID: [UInt8], _ client: SimulatedTransport, _ connection: Int, _ server: SimulatedTransport,
            _ serverNumber: Int, at now: ContinuousClock.Instant
        ) {
            self.routingID = routingID
            self.client = client
            self.connection = connection
            self.server = server
            self.serverNumber = serverNumber
            lastToServer = now
            lastToClient = now
        }
    }

    fileprivate func link(_ client: SimulatedTransport, _ connection: Int, to endpoint: String) -> Link? {
        guard let listener = listeners[endpoint], listener.transport.process.isAlive else { return nil }
        linkCount += 1
        let id = (0..<8).map { UInt8(truncatingIfNeeded: linkCount >> (8 * $0)) }
        return Link(id, client, connection, listener.transport, listener.server, at: world.now)
    }

    fileprivate var latency: Duration { world.duration(0.05...1) }

    /// Sends a message over a link, subject to the faults.
    fileprivate func carry(_ message: OutgoingMessage, over link: Link, toServer: Bool) {
        guard case .envelope(let envelope) = message.head, !world.chance(faults.lost) else { return }
        for _ in 0..<(world.chance(faults.doubled) ? 2 : 1) {
            var instant = world.now + latency
            if world.chance(faults.late) { instant += world.duration(10...2000) }
            if !world.chance(faults.reordered) {
                instant = max(instant, toServer ? link.lastToServer : link.lastToClient)
                if toServer { link.lastToServer = instant } else { link.lastToClient = instant }
            }
            let incoming = IncomingMessage.values(envelope, message.tensors)
            let target = toServer ? link.server : link.client
            target.process.plan(at: instant) { target.receive(incoming, over: link, atServer: toServer) }
        }
    }
}

/// One messenger's end of the network.
// Sendable: see `World`.
package final class SimulatedTransport: Transport, Connections, @unchecked Sendable {
    package let process: Process
    private let network: SimulatedNetwork
    private var exchange: Exchange?
    private var isPlanned = false
    private var timer: ContinuousClock.Instant?
    private var servers: [Int: String] = [:]
    private var targets: [Int: String] = [:]
    private var outgoing: [Int: SimulatedNetwork.Link] = [:]
    private var incoming: [[UInt8]: SimulatedNetwork.Link] = [:]
    /// Links whose handshake this end has not taken part in yet.
    private var arriving: [[UInt8]: SimulatedNetwork.Link] = [:]

    package init(_ process: Process, _ network: SimulatedNetwork) {
        self.process = process
        self.network = network
    }

    // MARK: Transport

    package var carriesBytes: Bool { false }

    package func bind(_ number: Int, to endpoint: Endpoint) throws(ImpRAGError) -> String {
        servers[number] = endpoint.description
        return endpoint.description
    }

    package func open(_ number: Int, to endpoint: Endpoint, name: String) throws(ImpRAGError) {
        targets[number] = endpoint.description
    }

    package func start(_ make: @escaping @Sendable (any Connections) -> Exchange) throws(ImpRAGError) {
        exchange = make(self)
    }

    package func join() {}

    package func wake() {
        // A dead process does whatever is left immediately: nobody hears of it.
        guard process.isAlive else { return work() }
        guard !isPlanned else { return }
        isPlanned = true
        process.soon { [self] in
            isPlanned = false
            work()
        }
    }

    private func work() {
        guard let exchange else { return }
        if exchange.work() { setTimer() } else { self.exchange = nil }
    }

    /// Wakes the exchange when its next timer is due.
    private func setTimer() {
        guard let next = exchange?.nextTimer, timer.map({ next < $0 }) ?? true else { return }
        timer = next
        process.plan(at: next) { [self] in
            guard timer == next else { return }
            timer = nil
            work()
        }
    }

    // MARK: Connections

    package func adopt(server number: Int) {
        guard let endpoint = servers[number] else { return }
        network.listeners[endpoint] = (self, number)
    }

    package func adopt(connection number: Int) { connect(number, pause: .milliseconds(20)) }

    package func close(connection number: Int) {
        targets[number] = nil
        guard let link = outgoing.removeValue(forKey: number) else { return }
        link.isOpen = false
        link.server.incoming[link.routingID] = nil
    }

    private func connect(_ number: Int, pause: Duration) {
        process.plan(after: network.latency) { [self] in
            guard let endpoint = targets[number], exchange != nil else { return }
            guard let link = network.link(self, number, to: endpoint) else {
                exchange?.happened(.refused, to: number)
                return _ = process.plan(after: pause) { self.connect(number, pause: min(pause * 2, .seconds(1))) }
            }
            exchange?.happened(.reached, to: number)
            outgoing[number] = link
            link.server.arriving[link.routingID] = link
            // The other side has to take part, which it does once it is not paused.
            link.server.process.plan(after: network.latency) {
                link.server.arriving[link.routingID] = nil
                link.server.incoming[link.routingID] = link
                self.process.plan(after: self.network.latency) {
                    guard link.isOpen else { return }
                    self.exchange?.happened(.connected, to: number)
                    self.setTimer()
                }
            }
        }
    }

    package func send(_ message: OutgoingMessage, to client: ClientKey) -> Delivery {
        guard process.isAlive, let link = incoming[client.routingID], link.isOpen else { return .unreachable }
        network.carry(message, over: link, toServer: false)
        return .sent
    }

    package func send(_ message: OutgoingMessage, on connection: Int) -> Delivery {
        guard process.isAlive, let link = outgoing[connection], link.isOpen else { return .unreachable }
        network.carry(message, over: link, toServer: true)
        return .sent
    }

    package func shutDown() { close() }

    fileprivate func receive(_ message: IncomingMessage, over link: SimulatedNetwork.Link, atServer: Bool) {
        guard link.isOpen, let exchange else { return }
        exchange.isBusy = false
        if atServer {
            exchange.received(message, from: ClientKey(server: link.serverNumber, routingID: link.routingID))
        } else {
            exchange.received(message, on: link.connection)
        }
        setTimer()
    }

    /// Closes all connections, as a process's end does.
    package func close() {
        for endpoint in servers.values where network.listeners[endpoint]?.transport === self {
            network.listeners[endpoint] = nil
        }
        for link in outgoing.values {
            link.isOpen = false
            link.server.incoming[link.routingID] = nil
        }
        outgoing = [:]
        for link in incoming.values where link.isOpen {
            link.isOpen = false
            let client = link.client
            client.process.plan(after: network.latency) { client.lost(link) }
        }
        incoming = [:]
        for link in arriving.values.sorted(by: { $0.routingID.lexicographicallyPrecedes($1.routingID) })
        where link.isOpen {
            link.isOpen = false
            let client = link.client
            client.process.plan(after: network.latency) { client.lost(link) }
        }
        arriving = [:]
    }

    private func lost(_ link: SimulatedNetwork.Link) {
        guard outgoing[link.connection] === link else { return }
        outgoing[link.connection] = nil
        exchange?.happened(.lost, to: link.connection)
        connect(link.connection, pause: .milliseconds(20))
    }
}
