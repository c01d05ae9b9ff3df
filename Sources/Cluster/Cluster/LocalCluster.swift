public import Core
import Foundation
import Platform

/// Runs a whole cluster as children of this process until Ctrl-C, Ctrl-\, SIGTERM or SIGHUP, or until nobody reads what
/// it says any more.
///
/// Everything happens on one thread, because the children die with the thread that started them.
///
/// - Parameters:
///   - executable: the program with the subcommands `shard`, `coordinator` and `generator`.
///   - log: gets every line of the children's standard error, prefixed with the node's name, and the supervisor's
///     lines.
///   - onReady: called once, when the coordinator has reached every node.
/// - Returns: 0, the exit code of a cluster that was asked to stop.
/// - Throws: `failedPrecondition` with the node that ended, why, and its last line.
public func runCluster(
    _ plan: ClusterPlan, executable: String = "/proc/self/exe", log: @escaping @Sendable (String) -> Void,
    onReady: @escaping @Sendable (_ endpoint: String, _ elapsed: Duration) -> Void
) async throws(ImpRAGError) -> Int32 {
    try await NamedThread.run("supervisor") { () throws(ImpRAGError) in
        try block(plan, executable, log, onReady)
    }
}

private func block(
    _ plan: ClusterPlan, _ executable: String, _ log: @escaping @Sendable (String) -> Void,
    _ onReady: (String, Duration) -> Void
) throws(ImpRAGError) -> Int32 {
    let directory = try RuntimeDirectory()
    let file = directory.path + "/cluster.json"
    do {
        try plan.clusterFile(runtimeDirectory: directory.path).write(to: URL(filePath: file))
    } catch {
        throw (error as? ImpRAGError)
            ?? ImpRAGError(.resourceExhausted, "the cluster file \(file) cannot be written", cause: error)
    }
    let cluster = LocalCluster(
        configuration: try ClusterConfiguration(path: file), file: file, executable: executable,
        format: try Log.format(ProcessInfo.processInfo.environment, orElse: .text), log: log)
    return try cluster.run(onReady: onReady)
}

/// The children of one `runCluster`, and the loop that performs what `ClusterLifecycle` decides. Owned by one thread.
private final class LocalCluster {
    private let configuration: ClusterConfiguration
    private let file: String
    private let executable: String
    private let log: @Sendable (String) -> Void
    /// For the supervisor's own lines.
    private let ownLog: Log
    private let startTime = ContinuousClock.now
    private var lifecycle: ClusterLifecycle
    private var children: [String: Child] = [:]
    /// Set by `finish`.
    private var outcome: Result<Int32, ImpRAGError>?

    private struct Child {
        let process: ChildProcess
        /// The last non-empty line of standard error, or the one that says why the program crashed, which a backtrace
        /// follows.
        private(set) var lastWords = ""
        private var hasCrashed = false

        mutating func said(_ line: String) {
            guard !hasCrashed, !line.allSatisfy(\.isWhitespace) else { return }
            hasCrashed = line.contains("Fatal error:") || line.contains("Program crashed:")
            lastWords = line
        }

        init(process: ChildProcess) {
            self.process = process
        }
    }

    init(
        configuration: ClusterConfiguration, file: String, executable: String, format: Log.Format,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.file = file
        self.executable = executable
        self.log = log
        ownLog = Log(node: "up", format: format, write: log)
        lifecycle = ClusterLifecycle(
            nodes: configuration.nodes.map(\.name),
            coordinator: configuration.nodes(of: .coordinator).first?.name ?? "")
    }

    func run(onReady: (String, Duration) -> Void) throws(ImpRAGError) -> Int32 {
        let signals = try SignalWatcher(SignalWatcher.stopSignals + [SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD])
        var isStopping = false
        perform(lifecycle.begin(), onReady)
        while outcome == nil {
            wait(for: signals)
            for number in signals.arrived() where number != SIGCHLD {
                // What it says while it stops may have no reader either, which asks for no more haste.
                guard number != SIGPIPE || !isStopping else { continue }
                isStopping = true
                perform(lifecycle.stopRequested(at: elapsed), onReady)
            }
            for name in configuration.nodes.map(\.name) { look(at: name, onReady) }
            perform(lifecycle.tick(at: elapsed), onReady)
        }
        return try outcome?.get() ?? 0
    }

    private var elapsed: Duration { ContinuousClock.now - startTime }

    private func wait(for signals: SignalWatcher) {
        // Wakes now and then even without news, in case a signal is ever lost.
        var milliseconds = 1000
        if let timer = lifecycle.nextTimer {
            let left = Deadline(startTime + timer).remainingMilliseconds
            milliseconds = min(milliseconds, left)
        }
        var descriptors = [signals.descriptor]
        for child in children.values {
            for reader in [child.process.output, child.process.errors] where !reader.ended {
                descriptors.append(reader.descriptor)
            }
        }
        _ = waitForInput(on: descriptors, milliseconds: milliseconds)
    }

    /// Reads what a child has written, and notices its end.
    private func look(at name: String, _ onReady: (String, Duration) -> Void) {
        guard let process = children[name]?.process else { return }
        // Reaped before reading: whatever it wrote before it ended is then in the pipes.
        let exit = process.reap()
        for line in process.errors.readLines() {
            // A node's own lines begin with its name already, or name it in JSON; those of its libraries do not.
            log(line.hasPrefix(name) || line.hasPrefix("{") ? line : "\(name): \(line)")
            children[name]?.said(line)
        }
        for line in process.output.readLines() {
            if let announcement = NodeAnnouncement(line: line) {
                perform(lifecycle.announced(announcement, by: name, at: elapsed), onReady)
            } else {
                log("\(name): \(line)")
            }
        }
        guard let exit else { return }
        let words = children[name]?.lastWords ?? ""
        children[name] = nil
        perform(
            lifecycle.exited(name, why: words.isEmpty ? "\(exit)" : "\(exit): \(words)", at: elapsed), onReady)
    }

    private func perform(_ actions: [ClusterLifecycle.Action], _ onReady: (String, Duration) -> Void) {
        for action in actions {
            switch action {
            case .start(let name): start(name, onReady)
            case .interrupt(let name):
                // A stopped process receives signals only once it continues.
                children[name]?.process.send(signal: SIGINT)
                children[name]?.process.send(signal: SIGCONT)
            case .kill(let name): children[name]?.process.send(signal: SIGKILL)
            case .announceReady:
                let endpoint = configuration.nodes(of: .coordinator).first?.connect.description ?? ""
                onReady(endpoint, elapsed)
            case .say(let text): ownLog.write("up: \(text)")
            case .finish(nil): outcome = .success(0)
            case .finish(let failure?): outcome = .failure(ImpRAGError(.failedPrecondition, failure))
            }
        }
    }

    private func start(_ name: String, _ onReady: (String, Duration) -> Void) {
        do {
            let kind = try configuration.node(named: name).kind
            children[name] = Child(
                process: try ChildProcess(
                    executable: executable, arguments: [kind.rawValue, "--config", file, "--node", name]))
        } catch {
            perform(lifecycle.couldNotStart(name, why: error.message, at: elapsed), onReady)
        }
    }
}
