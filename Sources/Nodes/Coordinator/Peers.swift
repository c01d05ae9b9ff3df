import Cluster
import Core
import Messaging
import Synchronization
import Wire

/// The coordinator's connections to shards and generators, and what it knows of them.
///
/// A task for each peer asks it for its status now and then: often until the cluster is complete for the first time,
/// then every second.
final class Peers: Sendable {
    /// Between questions once all nodes have been reached.
    static let interval = Duration.seconds(1)
    /// Between questions before that: a cluster that starts should be ready soon.
    static let startInterval = Duration.milliseconds(20)
    /// How long a node may take to tell its status.
    static let answerMilliseconds = 500
    /// How late a timer of this process may be before its own delay explains a missing answer.
    static let ownDelay = Duration.milliseconds(100)

    /// Between looks for a generator that is back.
    private static let generatorInterval = Duration.milliseconds(50)

    let membership: Mutex<Membership>
    /// The shard that serves each partition: by partition.
    let owners: [String]
    private let connections: [String: Peer]
    private let log: @Sendable (String) -> Void
    private let onComplete: @Sendable () -> Void
    private let onRefused: @Sendable (String) -> Void
    private let watcher = Mutex<Task<Void, Never>?>(nil)
    private let wasComplete = Atomic(false)

    /// Connects to every shard and generator of the cluster; nothing is asked before `watch`.
    init(
        _ cluster: ClusterConfiguration, fingerprint: Fingerprint, messenger: Messenger,
        log: @escaping @Sendable (String) -> Void, onComplete: @escaping @Sendable () -> Void,
        onRefused: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        let nodes = cluster.nodes.filter { $0.kind != .coordinator }
        var connections: [String: Peer] = [:]
        for node in nodes {
            connections[node.name] = try messenger.connect(to: node.connect.description, name: node.name)
        }
        self.connections = connections
        var owners = [String](repeating: "", count: cluster.shardCount)
        for node in nodes {
            guard case .shard(let settings) = node.role else { continue }
            for partition in settings.partitions { owners[partition] = node.name }
        }
        self.owners = owners
        self.log = log
        self.onComplete = onComplete
        self.onRefused = onRefused
        membership = Mutex(
            Membership(fingerprint: fingerprint, peers: nodes.map { (name: $0.name, kind: $0.kind) }))
    }

    /// The connection to a node of the cluster file.
    func connection(_ name: String) throws(ImpRAGError) -> Peer {
        guard let peer = connections[name] else { throw ImpRAGError(.internal, "there is no connection to \(name)") }
        return peer
    }

    /// Asks the nodes for their status from now on, until `stop`.
    func watch() {
        let task = Task { [self] in
            await withTaskGroup { group in
                for name in connections.keys {
                    group.addTask { await self.watch(name) }
                }
            }
        }
        watcher.withLock { $0 = task }
    }

    func stop() {
        watcher.withLock { $0?.cancel() }
    }

    /// What `name` says of itself. Remembers the answer, or that the connection is lost.
    ///
    /// - Parameter isPoll: one of the regular questions, so that silence counts too.
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
            let isSilent = isPoll && ContinuousClock.now - deadline.instant < Self.ownDelay
            if error.code == .deadlineExceeded ? isSilent : error.code != .cancelled {
                note(name) { $0.failed(error, by: name) }
            }
            throw error
        }
    }

    /// A generator for a request, reserved until `released`; waits for one that is silent, as long as the request has time.
    ///
    /// - Throws: `unavailable` when none will come, `deadlineExceeded` when none came.
    func reserveGenerator(deadline: Deadline) async throws(ImpRAGError) -> String {
        while true {
            let name = try membership.withLock { membership throws(ImpRAGError) in try membership.reserveGenerator() }
            if let name { return name }
            guard !deadline.hasPassed else { throw membership.withLock { $0.noGenerator(.deadlineExceeded) } }
            do {
                try await Task.sleep(for: Self.generatorInterval)
            } catch {
                throw ImpRAGError(.cancelled, "nobody waits for the answer any more")
            }
        }
    }

    /// Remembers that `name` was lost in the middle of a request, without waiting for the next question to fail.
    func lost(_ name: String, _ error: ImpRAGError) {
        note(name) { $0.failed(error, by: name) }
    }

    private func watch(_ name: String) async {
        while !Task.isCancelled {
            _ = try? await ask(name, deadline: .after(milliseconds: Self.answerMilliseconds), isPoll: true)
            let isComplete = wasComplete.load(ordering: .relaxed)
            // The sleep throws when the task is cancelled; the loop sees that too.
            try? await Task.sleep(for: isComplete ? Self.interval : Self.startInterval)
        }
    }

    private func note(_ name: String, _ change: (inout Membership) -> String?) {
        let (news, state, isComplete) = membership.withLock { membership in
            let news = change(&membership)
            return (news, membership.peer(name)?.state, membership.isComplete)
        }
        if let news {
            log(news)
            if case .refused? = state { onRefused(news) }
        }
        if isComplete, !wasComplete.exchange(true, ordering: .relaxed) { onComplete() }
    }
}
