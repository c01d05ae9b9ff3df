import Cluster
import Core
import Messaging
import Platform
import Synchronization
import Wire

/// The coordinator's view of the cluster: who serves what, its connections to shards and generators, and their state.
///
/// One task per peer polls its status: frequently until the cluster is complete for the first time, then every second.
final class Peers: Sendable {
    /// Between polls once all nodes have been reached.
    static let interval = Duration.seconds(1)
    /// Between polls before that: a starting cluster should be ready soon.
    static let startInterval = Duration.milliseconds(20)
    /// How long a node may take to report its status.
    static let answerMilliseconds = 500
    /// A poll whose timeout fires later than this says nothing: this process itself was held up.
    static let ownDelay = Duration.milliseconds(100)

    private struct View {
        var topology: Topology
        var connections: [String: Peer] = [:]
        /// The polling tasks; nil before `watch` and after `stop`.
        var watchers: [String: Task<Void, Never>]?
    }

    private struct Watches {
        var last = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
    }

    let membership: Mutex<Membership>
    private let view: Mutex<View>
    private let generatorWatches = Mutex(Watches())
    private let environment: NodeEnvironment
    private let messenger: Messenger
    private let log: @Sendable (String) -> Void
    private let onComplete: @Sendable () -> Void
    private let onRefused: @Sendable (String) -> Void
    private let wasComplete = Atomic(false)

    /// Connects to every shard and generator; polls nobody before `watch`.
    init(
        _ topology: Topology, fingerprint: Fingerprint, messenger: Messenger, environment: NodeEnvironment,
        log: @escaping @Sendable (String) -> Void, onComplete: @escaping @Sendable () -> Void,
        onRefused: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        self.environment = environment
        self.messenger = messenger
        self.log = log
        self.onComplete = onComplete
        self.onRefused = onRefused
        view = Mutex(View(topology: topology))
        membership = Mutex(Membership(fingerprint: fingerprint, members: []))
        try apply(topology)
    }

    /// Who serves what now.
    var topology: Topology { view.withLock { $0.topology } }

    /// Switches to `topology`, unless it is older than the current one. Searches in flight finish with the one they
    /// began with.
    func apply(_ topology: Topology) throws(ImpRAGError) {
        let nodes = topology.nodes.filter { $0.kind != .coordinator }
        let added = try view.withLock { view throws(ImpRAGError) -> [String] in
            guard topology.version >= view.topology.version else { return [] }
            var connections: [String: Peer] = [:]
            var added: [String] = []
            for node in nodes {
                // A node at a new endpoint counts as a new node.
                if let known = view.connections[node.name], known.endpoint == node.endpoint.description {
                    connections[node.name] = known
                } else {
                    connections[node.name] = try messenger.connect(to: node.endpoint.description, name: node.name)
                    added.append(node.name)
                }
            }
            for (name, peer) in view.connections where connections[name] == nil || added.contains(name) {
                peer.disconnect()
            }
            for (name, watcher) in view.watchers ?? [:] where connections[name] == nil || added.contains(name) {
                watcher.cancel()
                view.watchers?[name] = nil
            }
            (view.topology, view.connections) = (topology, connections)
            membership.withLock { $0.keep(to: nodes.map { ($0.name, $0.kind) }) }
            return view.watchers == nil ? [] : added
        }
        watch(added)
    }

    /// The connection to a node of the topology.
    func connection(_ name: String) throws(ImpRAGError) -> Peer {
        guard let peer = view.withLock({ $0.connections[name] }) else {
            throw ImpRAGError(.unavailable, "\(name) does not belong to the cluster any more")
        }
        return peer
    }

    /// What is known about the shards.
    var knowledge: FanOut.Knowledge {
        var known = FanOut.Knowledge(topology: topology)
        for member in membership.withLock({ $0.members }) where member.kind == .shard {
            known.states[member.name] = member.state
            known.loads[member.name] = member.inFlight
            known.epochs[member.name] = member.partitions.map(\.epoch).min()
            for figures in member.partitions {
                known.passages[figures.partition] = max(known.passages[figures.partition] ?? 0, figures.passages)
            }
        }
        return known
    }

    /// What the next search needs to know.
    func look() -> FanOut.Knowledge {
        var known = knowledge
        known.turn = membership.withLock { $0.takeSearchTurn() }
        return known
    }

    // MARK: Asking

    /// Polls the nodes' status from now on, until `stop`.
    func watch() {
        let names = view.withLock { view in
            if view.watchers == nil { view.watchers = [:] }
            return Array(view.connections.keys)
        }
        watch(names.sorted())
    }

    func stop() {
        let watchers = view.withLock { view in
            defer { view.watchers = nil }
            return view.watchers ?? [:]
        }
        for watcher in watchers.values { watcher.cancel() }
    }

    private func watch(_ names: [String]) {
        for name in names {
            let task = environment.task { await self.watch(name) }
            let isWanted = view.withLock { view in
                view.watchers?[name] = task
                return view.watchers != nil
            }
            if !isWanted { task.cancel() }
        }
    }

    private func watch(_ name: String) async {
        while !Task.isCancelled {
            let deadline = Deadline.after(milliseconds: Self.answerMilliseconds, on: environment.clock)
            _ = try? await ask(name, deadline: deadline, isPoll: true)
            let isComplete = wasComplete.load(ordering: .relaxed)
            // Throws when the task is cancelled, which the loop condition sees too.
            try? await environment.clock.sleep(
                until: environment.clock.now + (isComplete ? Self.interval : Self.startInterval))
        }
    }

    /// The status that `name` reports. Records the answer, or that the connection is lost.
    ///
    /// - Parameter isPoll: whether silence counts as a miss; a client's status request may have too short a deadline.
    func ask(_ name: String, deadline: Deadline, isPoll: Bool = false) async throws(ImpRAGError) -> NodeStatus {
        do throws(ImpRAGError) {
            let reply = try await connection(name).call(.status, deadline: deadline)
            guard case .status(let status) = reply.body, let node = status.nodes.first(where: { $0.name == name })
            else {
                throw ImpRAGError(.failedPrecondition, "something else than \(name) answers at its endpoint")
            }
            note(name) { $0.reported(node, by: name) }
            return node
        } catch {
            // When this process itself was held up, an answer may have been there in time.
            let isSilent = isPoll && environment.clock.now - deadline.instant < Self.ownDelay
            if error.code == .deadlineExceeded ? isSilent : error.code != .cancelled {
                note(name) { $0.failed(error, by: name) }
            }
            throw error
        }
    }

    private func note(_ name: String, _ change: (inout Membership) -> String?) {
        let (news, state, isComplete) = membership.withLock { membership in
            let news = change(&membership)
            return (news, membership.member(name)?.state, membership.isComplete)
        }
        if let news {
            log(news)
            if case .refused? = state { onRefused(news) }
            tellGeneratorWatches()
        }
        if isComplete, !wasComplete.load(ordering: .relaxed), topology.isWhole,
            !wasComplete.exchange(true, ordering: .relaxed)
        {
            onComplete()
        }
    }

    // MARK: Load

    /// Records that `name` is sent a search, until `released`.
    func began(_ name: String) {
        membership.withLock { $0.began(name) }
    }

    func released(_ name: String) {
        membership.withLock { $0.released(name) }
    }

    // MARK: Generators

    /// Reserves a place at a generator, until `released`. Throws `unavailable` when none can be expected.
    func reserveGenerator() throws(ImpRAGError) -> GeneratorPlace {
        try membership.withLock { membership throws(ImpRAGError) in try membership.reserveGenerator() }
    }

    /// Records that `name` was lost in the middle of a request, without waiting for the next poll to fail.
    func lost(_ name: String, _ error: ImpRAGError) {
        note(name) { $0.failed(error, by: name) }
    }

    /// Calls `handler` whenever a generator may have become ready, until `stop(_:)`.
    func watchGenerators(_ handler: @escaping @Sendable () -> Void) -> GeneratorWatch {
        generatorWatches.withLock { watches in
            watches.last += 1
            watches.handlers[watches.last] = handler
            return GeneratorWatch(number: watches.last)
        }
    }

    func stop(_ watch: GeneratorWatch) {
        generatorWatches.withLock { $0.handlers[watch.number] = nil }
    }

    private func tellGeneratorWatches() {
        let handlers = generatorWatches.withLock { watches in
            watches.handlers.sorted { $0.key < $1.key }.map(\.value)
        }
        for handler in handlers { handler() }
    }
}

/// Identifies a handler registered with `Peers.watchGenerators`.
struct GeneratorWatch: Sendable {
    let number: Int
}
