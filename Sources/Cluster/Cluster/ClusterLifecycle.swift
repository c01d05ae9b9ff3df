/// When to start, restart and stop the processes of a local cluster. Pure: no process, no clock, no output.
///
/// All nodes start at once. A node that ends before the cluster is ready stops everything: the user is there to see
/// why. One that ends later is restarted with growing pauses, up to `restartLimit` times in a row; then everything
/// stops. Who has run for `steadyTime` since has recovered.
struct ClusterLifecycle {
    enum Action: Equatable {
        case start(String)
        /// Ask the process to end.
        case interrupt(String)
        /// End the process.
        case kill(String)
        /// The cluster serves.
        case announceReady
        case say(String)
        /// All processes have ended. The text says what went wrong; nil after a requested stop.
        case finish(failure: String?)
    }

    enum Phase: Equatable {
        case starting
        case running
        /// Waiting for processes to end; those still running at `killTime` are killed.
        case stopping(failure: String?, killTime: Duration, killed: Bool)
        case finished
    }

    /// The most restarts of one node in a row.
    static let restartLimit = 3
    /// A node that ends after it has run for so long begins a new row.
    static let steadyTime = Duration.seconds(60)
    /// The pause before the first restart; it doubles each time.
    static let restartPause = Duration.milliseconds(250)
    /// How long starting may take: large models take minutes to map and check.
    static let startLimit = Duration.seconds(600)
    /// Between asking processes to end and killing them.
    static let stopGrace = Duration.seconds(3)

    private struct Node {
        var isRunning = false
        var isReady = false
        var restarts = 0
        /// When it was started last.
        var startTime = Duration.zero
        /// When to start it again.
        var restartTime: Duration?
    }

    private(set) var phase = Phase.starting
    private var nodes: [String: Node]
    private let order: [String]
    private let coordinator: String
    /// The coordinator has reached every node.
    private var isComplete = false

    /// - Parameter nodes: names, the coordinator's among them, in the order of actions.
    init(nodes: [String], coordinator: String) {
        order = nodes
        self.nodes = Dictionary(uniqueKeysWithValues: nodes.map { ($0, Node()) })
        self.coordinator = coordinator
    }

    /// When `tick` has to be called if nothing happens before.
    var nextTimer: Duration? {
        switch phase {
        case .starting: Self.startLimit
        case .running: nodes.values.compactMap(\.restartTime).min()
        case .stopping(_, let killTime, let killed): killed ? nil : killTime
        case .finished: nil
        }
    }

    mutating func begin() -> [Action] {
        order.map { start($0, at: .zero) }
    }

    mutating func announced(_ announcement: NodeAnnouncement, by name: String, at now: Duration) -> [Action] {
        switch announcement {
        case .ready:
            let wasRestarted = phase == .running && nodes[name]?.isReady == false
            nodes[name]?.isReady = true
            if wasRestarted { return [.say("\(name) is ready again")] }
        case .complete:
            if name == coordinator { isComplete = true }
        case .refused(_, let reason):
            // Waiting will not help.
            return phase == .starting ? stop(failure: reason, at: now) : [.say(reason)]
        }
        guard phase == .starting, isComplete, nodes.values.allSatisfy(\.isReady) else { return [] }
        phase = .running
        return [.announceReady]
    }

    /// - Parameter why: as in `exit code 1: invalid_argument: …`.
    mutating func exited(_ name: String, why: String, at now: Duration) -> [Action] {
        nodes[name]?.isRunning = false
        nodes[name]?.isReady = false
        switch phase {
        case .starting:
            return stop(failure: "\(name) ended while it started: \(why)", at: now)
        case .running:
            if let start = nodes[name]?.startTime, now - start >= Self.steadyTime { nodes[name]?.restarts = 0 }
            guard let restarts = nodes[name]?.restarts, restarts < Self.restartLimit else {
                return stop(failure: "\(name) ended again after \(Self.restartLimit) restarts: \(why)", at: now)
            }
            nodes[name]?.restarts += 1
            nodes[name]?.restartTime = now + Self.restartPause * (1 << restarts)
            return [
                .say("\(name) ended: \(why); restarting it (\(restarts + 1) of \(Self.restartLimit))")
            ]
        case .stopping(let failure, _, _):
            return finishIfDone(failure)
        case .finished:
            return []
        }
    }

    /// The node's process could not even be started.
    mutating func couldNotStart(_ name: String, why: String, at now: Duration) -> [Action] {
        exited(name, why: why, at: now)
    }

    mutating func stopRequested(at now: Duration) -> [Action] {
        switch phase {
        case .starting, .running: stop(failure: nil, at: now)
        // A second Ctrl-C: the user will not wait.
        case .stopping(let failure, _, _): kill(failure)
        case .finished: []
        }
    }

    mutating func tick(at now: Duration) -> [Action] {
        switch phase {
        case .starting where now >= Self.startLimit:
            let missing = order.filter { nodes[$0]?.isReady != true }
            let what =
                missing.isEmpty
                ? "\(coordinator) has not reached every node" : "not ready: " + missing.joined(separator: ", ")
            return stop(failure: "the cluster did not start within \(Self.startLimit); \(what)", at: now)
        case .running:
            var actions: [Action] = []
            for name in order {
                guard let time = nodes[name]?.restartTime, time <= now else { continue }
                actions.append(start(name, at: now))
            }
            return actions
        case .stopping(let failure, let killTime, false) where now >= killTime:
            return kill(failure)
        default:
            return []
        }
    }

    private mutating func start(_ name: String, at now: Duration) -> Action {
        nodes[name]?.isRunning = true
        nodes[name]?.startTime = now
        nodes[name]?.restartTime = nil
        return .start(name)
    }

    private mutating func stop(failure: String?, at now: Duration) -> [Action] {
        phase = .stopping(failure: failure, killTime: now + Self.stopGrace, killed: false)
        return running.map { .interrupt($0) } + finishIfDone(failure)
    }

    private mutating func kill(_ failure: String?) -> [Action] {
        phase = .stopping(failure: failure, killTime: .zero, killed: true)
        return running.map { .kill($0) }
    }

    private var running: [String] { order.filter { nodes[$0]?.isRunning == true } }

    private mutating func finishIfDone(_ failure: String?) -> [Action] {
        guard running.isEmpty else { return [] }
        phase = .finished
        return [.finish(failure: failure)]
    }
}
