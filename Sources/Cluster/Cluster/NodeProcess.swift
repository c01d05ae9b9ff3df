public import Core
import Foundation
import Glibc
public import Messaging
import Platform
import Synchronization

/// The life of a process that is one node: listen, load, announce, serve until a signal, stop: after SIGINT at once,
/// after SIGTERM once it has finished what it has.
public enum NodeProcess {
    /// How long a stopping node waits for its threads before it ends without them.
    static let stopMilliseconds = 500

    /// Runs the node `name` of the cluster file at `configurationPath` until SIGINT or SIGTERM, which end the process.
    ///
    /// Loading and waiting happen on a dedicated thread: on a machine with one core, a blocked task would leave no
    /// thread for the requests.
    ///
    /// - Parameter load: makes the service.
    /// - Throws: what is wrong with the file, the endpoint, or what `load` throws.
    public static func run(
        configurationPath: String, node name: String, kind: NodeRole, limits: MessagingLimits = MessagingLimits(),
        load: @escaping @Sendable (ClusterConfiguration, NodeServer) throws(ImpRAGError) -> any NodeService
    ) async throws(ImpRAGError) {
        try await NamedThread.run("node") { () throws(ImpRAGError) in
            try block(configurationPath, name, kind, limits, load)
        }
    }

    private static func block(
        _ configurationPath: String, _ name: String, _ kind: NodeRole, _ limits: MessagingLimits,
        _ load: (ClusterConfiguration, NodeServer) throws(ImpRAGError) -> any NodeService
    ) throws(ImpRAGError) {
        let cluster = try ClusterConfiguration(path: configurationPath)
        let node = try cluster.node(named: name, kind: kind)
        let format = try Log.format(ProcessInfo.processInfo.environment, orElse: node.observation.logFormat)
        currentLog.withLock { $0 = Log(node: name, format: format) }
        OpenFileLimit.raise()
        let signals = try SignalWatcher.serving()
        let stopping = BlockingQueue<Int32>(limit: 1)
        let loading = BlockingQueue<Bool>(limit: 1)
        _ = try NamedThread("signals") {
            let number = signals.waitForStop(hangup: noteHangup)
            // While loading there is nothing to finish, and loading does not check for signals.
            if !loading.closed { exitImmediately(code: 0) }
            _ = stopping.push(number)
            // Whoever asks twice does not want to wait.
            _ = signals.waitForStop(hangup: noteHangup)
            exitImmediately(code: 0)
        }
        let tracer = try tracer(of: node)
        let server = try NodeServer(node, limits: limits, tracer: tracer)
        log("\(name) listens on \(server.endpoint)")
        let metrics = try serveMetrics(of: server)
        let start = ContinuousClock.now
        let service = try load(cluster, server)
        server.serve(service)
        loading.close()
        let elapsed = Duration.milliseconds(Int((ContinuousClock.now - start) / .milliseconds(1)))
        log(
            "\(name) is ready after \(elapsed): model \(service.fingerprint.short), \(service.detail)"
        )
        StandardStream.output.writeLine(
            NodeAnnouncement.ready(node: name, endpoint: server.endpoint).description)
        if stopping.pop() == SIGTERM { drain(server) }
        log("\(name) stops")
        _ = server.stop(milliseconds: stopMilliseconds)
        metrics?.stop()
        tracer?.stop()
        // A thread may still be in a long computation that nobody waits for, or inside RocksDB, whose exit handlers
        // would end the process with an error.
        exitImmediately(code: 0)
    }

    private static func noteHangup() {
        log("SIGHUP changes nothing: the key list is read whenever it changes, the cluster file at the start")
    }

    /// Lets what the node is working on come to its end, for as long as its configuration says.
    private static func drain(_ server: NodeServer) {
        let deadline = Deadline.after(milliseconds: server.configuration.drainMilliseconds)
        server.beginDraining()
        let count = server.requestsInFlight
        if count > 0 { log("\(server.configuration.name) takes nothing new, and finishes \(count) requests") }
        while server.requestsInFlight > 0, !deadline.hasPassed { _ = waitForInput(on: [], milliseconds: 10) }
    }

    private static func tracer(of node: NodeConfiguration) throws(ImpRAGError) -> Tracer? {
        guard let path = node.observation.traceFile else { return nil }
        let file = try AppendFile(path: path)
        return try Tracer(
            node: node.name, role: node.kind, share: node.observation.traceShare, seed: .random(in: 0...(.max)),
            clock: SystemClock.shared, write: { text in (try? file.append(text)) != nil })
    }

    private static func serveMetrics(of server: NodeServer) throws(ImpRAGError) -> MetricsEndpoint? {
        try server.metrics.registerProcess()
        guard let address = server.configuration.observation.metrics else { return nil }
        let endpoint = try MetricsEndpoint(
            address, metrics: server.metrics, readiness: { [weak server] in server?.notReady })
        log("\(server.configuration.name) serves /metrics, /healthz and /readyz at \(address), port \(endpoint.port)")
        return endpoint
    }

    /// The log of the node that this process is.
    private static let currentLog = Mutex(Log(node: "", format: .text))

    /// A line for the operator, on standard error. It begins with the node's name; the name is a field of its own in
    /// JSON.
    public static func log(_ line: String, level: Log.Level = .info, trace: TraceContext? = nil) {
        currentLog.withLock { $0 }.write(line, level: level, trace: trace)
    }
}
