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
    /// Between two looks at a node that has requests and of which nothing is heard; if so, it is polled at once.
    /// Between polls of one that is silent, too.
    static let quietInterval = Duration.milliseconds(250)
    /// How long a node may take to report its status.
    static let answerMilliseconds = 500
    /// A poll whose timeout fires later than this says nothing: this process itself was held up.
    static let ownDelay = Duration.milliseconds(100)

    private struct View {
        var topology: Topology {
            didSet { counts = Self.counts(topology) }
        }
        /// Partitions that each shard is to serve, by name.
        private(set) var counts: [String: Int]
        var connections: [String: Peer] = [:]
        /// The polling tasks; nil before `watch` and after `stop`.
        var watchers: [String: Task<Void, Never>]?

        init(_ topology: Topology) {
            self.topology = topology
            counts = Self.counts(topology)
        }

        private static func counts(_ topology: Topology) -> [String: Int] {
            topology.collection.partitions.flatMap(\.replicas).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// Requests that wait for a generator, and what to call with it.
    private struct Waiters {
        var last = 0
        var handlers: [Int: @Sendable (Result<GeneratorPlace, ImpRAGError>) -> Void] = [:]
    }

    let membership: Mutex<Membership>
    /// Told when a generator may have become ready.
    let generatorChanges = Watchers<Void>()
    /// Told the name of a node that has turned silent, cannot be reached, is refused, or does not belong to the cluster
    /// any more.
    let losses = Watchers<String>()
    /// The coordinator's own name.
    private let name: String
    private let view: Mutex<View>
    private let waiters = Mutex(Waiters())
    private let environment: NodeEnvironment
    private let messenger: Messenger
    private let log: @Sendable (String) -> Void
    private let onComplete: @Sendable () -> Void
    private let onRefused: @Sendable (String) -> Void
    private let wasComplete = Atomic(false)
    /// Whether there was a ready replica of each partition, and a ready generator, at some moment.
    let wasReached = Atomic(false)

    /// Connects to every other node; polls nobody before `watch`, and coordinators never: they are asked with a client.
    init(
        _ topology: Topology, of name: String, fingerprint: Fingerprint, messenger: Messenger,
        environment: NodeEnvironment, log: @escaping @Sendable (String) -> Void,
        onComplete: @escaping @Sendable () -> Void, onRefused: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        self.name = name
        self.environment = environment
        self.messenger = messenger
        self.log = log
        self.onComplete = onComplete
        self.onRefused = onRefused
        view = Mutex(View(topology))
        membership = Mutex(Membership(fingerprint: fingerprint, members: []))
        try apply(topology)
    }

    /// Who serves what now.
    var topology: Topology { view.withLock { $0.topology } }

    var otherCoordinators: [String] { topology.nodes(of: .coordinator).map(\.name).filter { $0 != name } }

    /// Switches to `topology`, unless it is older than the current one. Searches in flight finish with the one they
    /// began with.
    func apply(_ topology: Topology) throws(ImpRAGError) {
        let nodes = topology.nodes.filter { $0.name != name }
        let members = nodes.filter { $0.kind != .coordinator }
        let (added, removed) = try view.withLock { view throws(ImpRAGError) -> ([String], [String]) in
            guard topology.version >= view.topology.version else { return ([], []) }
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
            let removed = view.connections.keys.filter { connections[$0] == nil || added.contains($0) }
            (view.topology, view.connections) = (topology, connections)
            membership.withLock { $0.keep(to: members.map { ($0.name, $0.kind) }) }
            let watched = view.watchers == nil ? [] : added.filter { name in members.contains { $0.name == name } }
            return (watched, removed.sorted())
        }
        for name in removed { losses.tell(name) }
        grantGenerators()
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
        let (members, owed) = membership.withLock { ($0.members, $0.owed) }
        var known = FanOut.Knowledge(topology: routes(members))
        known.owed = owed
        for member in members where member.kind == .shard {
            known.states[member.name] = member.state
            known.loads[member.name] = member.inFlight
            known.epochs[member.name] = member.partitions.map(\.epoch).min()
            for figures in member.partitions {
                known.passages[figures.partition] = max(known.passages[figures.partition] ?? 0, figures.passages)
            }
        }
        return known
    }

    /// Who serves what now, without the partitions that ready shards say they do not serve although the file says so.
    func routes(_ members: [Membership.Member]) -> Topology {
        let (topology, counts) = view.withLock { ($0.topology, $0.counts) }
        guard !topology.isAnnounced else { return topology }
        var served: [String: Set<Int>] = [:]
        for member in members where member.state == .ready && !member.partitions.isEmpty {
            guard member.partitions.count < counts[member.name] ?? 0 else { continue }
            served[member.name] = Set(member.partitions.map(\.partition))
        }
        return topology.limited(to: served)
    }

    /// What the next search needs to know.
    func look() -> FanOut.Knowledge {
        var known = knowledge
        known.turn = membership.withLock { $0.takeSearchTurn() }
        return known
    }

    /// Calls `body`, which neither waits nor takes long, on the thread that sends messages. False when that has ended.
    func perform(_ body: @escaping @Sendable () -> Void) -> Bool { (try? messenger.perform(body)) != nil }

    // MARK: Asking

    /// Polls the nodes' status from now on, until `stop`.
    func watch() {
        view.withLock { view in
            if view.watchers == nil { view.watchers = [:] }
        }
        watch(membership.withLock { $0.members.map(\.name) })
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
            await pause(name)
        }
    }

    /// Returns when `name` is to be polled again: soon when there is reason to doubt that it runs.
    private func pause(_ name: String) async {
        let clock = environment.clock
        guard wasComplete.load(ordering: .relaxed) else {
            // Throws when the task is cancelled, which its loop sees too.
            try? await clock.sleep(until: clock.now + Self.startInterval)
            return
        }
        let end = clock.now + Self.interval
        var wasBusy = false
        while clock.now < end, !Task.isCancelled {
            guard let member = membership.withLock({ $0.member(name) }) else { return }
            // One answer was missed, and the next one shows whether that means anything.
            if member.isDoubtful { return }
            let looked = clock.now
            try? await clock.sleep(until: min(end, looked + Self.quietInterval))
            if case .silent = member.state { return }
            let isBusy = member.inFlight > 0
            if isBusy, wasBusy, (try? connection(name))?.lastHeard.map({ $0 < looked - Self.quietInterval }) == true {
                return
            }
            wasBusy = isBusy
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
                let heard = (try? connection(name))?.lastHeard
                let start = deadline.instant - .milliseconds(Self.answerMilliseconds)
                note(name) { $0.failed(error, by: name, isMute: heard.map { $0 < start } ?? true) }
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
            generatorChanges.tell(())
            grantGenerators()
            switch state {
            case .silent?, .unreachable?, .refused?: losses.tell(name)
            case .unknown?, .ready?, .loading?, .stopping?, nil: break
            }
        }
        if isComplete, !wasComplete.load(ordering: .relaxed), topology.isWhole,
            !wasComplete.exchange(true, ordering: .relaxed)
        {
            onComplete()
        }
    }

    // MARK: Load

    /// Records that `name` is sent a search, or is waited for, until `released`.
    func began(_ name: String) {
        membership.withLock { $0.began(name) }
    }

    func released(_ name: String) {
        membership.withLock { $0.released(name) }
    }

    // MARK: Generators

    /// Reserves a place at a generator, until `releasedGenerator`: calls `handler` with it, at once or when there is
    /// one. `unavailable` when none can be expected.
    ///
    /// - Returns: how to give up waiting; it does nothing once `handler` has been called.
    func reserveGenerator(
        for client: ClientKey, _ handler: @escaping @Sendable (Result<GeneratorPlace, ImpRAGError>) -> Void
    ) -> @Sendable () -> Void {
        let waiter = waiters.withLock { waiters in
            waiters.last += 1
            // Before it waits: its turn may come at once.
            waiters.handlers[waiters.last] = handler
            return waiters.last
        }
        do throws(ImpRAGError) {
            let place = try membership.withLock { membership throws(ImpRAGError) in
                try membership.reserveGenerator(for: waiter, of: client)
            }
            guard let place else {
                return { [self] in
                    _ = waiters.withLock { $0.handlers.removeValue(forKey: waiter) }
                    membership.withLock { $0.withdraw(waiter, of: client) }
                }
            }
            give(.success(place), to: waiter, of: client)
        } catch {
            give(.failure(error), to: waiter, of: client)
        }
        return {}
    }

    /// Gives a client's place at the generator `name` back.
    func releasedGenerator(_ name: String, of client: ClientKey) {
        membership.withLock { $0.releasedGenerator(name, of: client) }
        grantGenerators()
    }

    private func grantGenerators() {
        for grant in membership.withLock({ $0.grants() }) { give(grant.place, to: grant.waiter, of: grant.client) }
    }

    private func give(_ place: Result<GeneratorPlace, ImpRAGError>, to waiter: Int, of client: ClientKey) {
        if let handler = waiters.withLock({ $0.handlers.removeValue(forKey: waiter) }) {
            handler(place)
        } else if case .success(.reserved(let name)) = place {
            // It gave up the moment before.
            releasedGenerator(name, of: client)
        }
    }

    /// Records that `name` was lost in the middle of a request, without waiting for the next poll to fail.
    func lost(_ name: String, _ error: ImpRAGError) {
        note(name) { membership in
            // What it says itself came over a connection that stands.
            if error.cause is RemoteFailure { return membership.stops(name) }
            // All requests that it worked on tell of one loss: only polls say for how long it is away.
            if case .unreachable? = membership.member(name)?.state { return nil }
            return membership.failed(error, by: name)
        }
    }
}
