public import Core
import Foundation
public import Messaging
import Platform
import Synchronization
import Wire

/// A node's messenger, metrics and state around its `NodeService`: answers status from the start, refuses work while
/// the service loads, and stops in an orderly way, at once or after it has finished what it has.
public final class NodeServer: Sendable {
    public let configuration: NodeConfiguration
    public let messenger: Messenger
    /// The node's metrics; its service registers its own here.
    public let metrics: MetricRegistry
    /// What the node runs on.
    package let environment: NodeEnvironment
    /// Where it listens, with the actual port.
    public let endpoint: String

    private let shared: Shared

    /// What the handler on the exchange's thread needs. Separate, so that the messenger does not own its owner.
    private final class Shared: Sendable {
        let phase = Mutex(Phase.loading)
        /// Requests that the service is working on.
        let inFlight = Atomic(0)
        let metrics: MetricRegistry
        let requests: RequestMetrics
        /// Of a coordinator that keeps one.
        let audit: AuditLog?
        /// Nil when nothing is recorded here.
        let tracer: Tracer?

        init(
            _ configuration: NodeConfiguration, _ metrics: MetricRegistry, tracer: Tracer?, clock: any Clock
        ) throws(ImpRAGError) {
            self.metrics = metrics
            self.tracer = tracer
            try tracer?.register(in: metrics)
            requests = try RequestMetrics(metrics, clock: clock)
            audit = try Self.audit(of: configuration)
            if let failures = audit?.failures {
                try metrics.counter("imprag_audit_failures_total", "Lines of the audit log that could not be written.")
                {
                    failures.value
                }
            }
            try metrics.gauge("imprag_resident_bytes", "Resident memory of the process.") {
                Double(ResidentMemory.now.bytes)
            }
        }

        /// Counts a request in, if it is work that is taken: `leave` follows then.
        func enter(isWork: Bool) -> (service: (any NodeService)?, state: NodeState) {
            phase.withLock { phase in
                // Under the lock: who drains sees it, or it sees who drains.
                if isWork, case .ready = phase { inFlight.add(1, ordering: .sequentiallyConsistent) }
                return switch phase {
                case .loading: (nil, .loading)
                case .ready(let service): (service, .ready)
                case .draining(let service): (isWork ? nil : service, .stopping)
                case .stopping: (nil, .stopping)
                }
            }
        }

        func leave() { inFlight.subtract(1, ordering: .sequentiallyConsistent) }

        private static func audit(of configuration: NodeConfiguration) throws(ImpRAGError) -> AuditLog? {
            guard case .coordinator(let settings) = configuration.role, let path = settings.auditLog else { return nil }
            return try AuditLog(path: path) { NodeProcess.log("\(configuration.name): \($0)") }
        }
    }

    private enum Phase {
        case loading
        case ready(any NodeService)
        /// Finishes what it has, and takes nothing new.
        case draining(any NodeService)
        case stopping

        var service: (any NodeService)? {
            switch self {
            case .ready(let service), .draining(let service): service
            case .loading, .stopping: nil
            }
        }
    }

    /// Begins to listen. Reports the state `loading` until `serve`.
    package init(
        _ configuration: NodeConfiguration, limits: MessagingLimits = MessagingLimits(),
        tracer: Tracer? = nil, on environment: NodeEnvironment = .system
    ) throws(ImpRAGError) {
        self.configuration = configuration
        self.environment = environment
        var limits = limits
        if case .coordinator(let settings) = configuration.role {
            limits.deadlineMilliseconds = settings.maxDeadlineMilliseconds
        }
        let keys = try configuration.keys.map { paths throws(ImpRAGError) in
            try paths.load { NodeProcess.log("\(configuration.name): \($0)") }
        }
        messenger = try environment.messenger(configuration.name, keys: keys, limits: limits)
        metrics = MetricRegistry()
        let shared = try Shared(configuration, metrics, tracer: tracer, clock: environment.clock)
        self.shared = shared
        endpoint = try messenger.listen(on: configuration.listen.description) { request in
            Self.receive(request, configuration, shared, environment)
        }
    }

    /// Logs and reports what the node will need, before it loads anything.
    ///
    /// - Throws: `resourceExhausted` when that is more than its memory budget.
    public func announce(_ plan: MemoryPlan) throws(ImpRAGError) {
        NodeProcess.log("\(configuration.name) will need \(plan)")
        try plan.register(in: metrics)
        try plan.require(within: configuration.memoryBudget, node: configuration.name)
    }

    /// Serves from now on.
    public func serve(_ service: any NodeService) {
        shared.phase.withLock { $0 = .ready(service) }
    }

    /// Refuses new requests with `unavailable`, so that they go elsewhere, and tells in its status that it is stopping;
    /// those that it has go on.
    public func beginDraining() {
        let service = shared.phase.withLock { phase in
            if case .ready(let service) = phase { phase = .draining(service) }
            return phase.service
        }
        service?.beginDraining()
    }

    /// Why the node does not serve; nil while it does. For probes.
    public var notReady: String? {
        switch shared.phase.withLock({ $0 }) {
        case .loading: "\(configuration.name) is loading"
        case .ready(let service): service.notReady
        case .draining: "\(configuration.name) is draining: it finishes what it has"
        case .stopping: "\(configuration.name) is stopping"
        }
    }

    /// Requests that are being worked on.
    public var requestsInFlight: Int { shared.inFlight.load(ordering: .sequentiallyConsistent) }

    /// Stops in this order: refuses new requests, cancels those in flight and tells their callers, ends the threads.
    ///
    /// - Returns: whether all threads have ended within `milliseconds`.
    public func stop(milliseconds: Int) -> Bool {
        let service = shared.phase.withLock { phase -> (any NodeService)? in
            defer { phase = .stopping }
            return phase.service
        }
        messenger.close()
        let hasStopped = service?.stop(milliseconds: milliseconds) ?? true
        return (shared.audit?.stop(milliseconds: milliseconds) ?? true) && hasStopped
    }

    /// On the exchange's thread: answers the request at once, or starts a task for it, which ends with it.
    private static func receive(
        _ request: IncomingRequest, _ configuration: NodeConfiguration, _ shared: Shared,
        _ environment: NodeEnvironment
    ) {
        if case .status = request.body {
        } else if let trace = shared.tracer?.trace(of: request) {
            request.record(in: trace)
        }
        @Sendable func finish(_ failure: ImpRAGError?) {
            request.trace?.finish(at: environment.clock.now, failure: failure?.code)
            if let failure {
                shared.requests.tell(of: failure, in: request, of: configuration.name)
                request.fail(failure)
            }
            guard let audit = shared.audit else { return }
            AuditEntry(request, failure: failure, node: configuration.name, at: Date()).map(audit.record)
        }
        do throws(ImpRAGError) {
            try request.caller.check(request.body)
            if request.cameAlone, try answerAtOnce(request, shared) { return finish(nil) }
        } catch {
            return finish(error)
        }
        let task = environment.task {
            do throws(ImpRAGError) {
                try await answer(request, configuration, shared)
                finish(nil)
            } catch {
                finish(error)
            }
        }
        request.onCancel { task.cancel() }
    }

    /// Whether the request has been answered on this thread.
    private static func answerAtOnce(_ request: IncomingRequest, _ shared: Shared) throws(ImpRAGError) -> Bool {
        guard request.body != .status, request.collection.isEmpty,
            let service = shared.enter(isWork: true).service
        else { return false }
        defer { shared.leave() }
        do throws(ImpRAGError) {
            guard try service.answerAtOnce(request) else { return false }
            shared.requests.record(since: request.arrival)
            return true
        } catch {
            shared.requests.record(since: request.arrival, failure: error.code)
            throw error
        }
    }

    private static func answer(
        _ request: IncomingRequest, _ configuration: NodeConfiguration, _ shared: Shared
    ) async throws(ImpRAGError) {
        let isWork = if case .status = request.body { false } else { true }
        let (service, state) = shared.enter(isWork: isWork)
        defer { if isWork, service != nil { shared.leave() } }
        if let service, !request.collection.isEmpty {
            try await service.requireCollection(request.collection, deadline: request.deadline)
        }
        if case .status = request.body {
            let own = status(configuration, state, service, shared.metrics)
            let isClient = request.claimedName.isEmpty
            let nodes = await service?.status(own: own, ofOthers: isClient, deadline: request.deadline) ?? [own]
            request.reply(.status(StatusReply(nodes: nodes)), fingerprint: service?.fingerprint)
            return
        }
        guard let service else {
            throw ImpRAGError(.unavailable, "\(configuration.name) is \(state.rawValue); try again later")
        }
        do throws(ImpRAGError) {
            try await service.answer(request)
            shared.requests.record(since: request.arrival)
        } catch {
            shared.requests.record(since: request.arrival, failure: error.code)
            throw error
        }
    }

    private static func status(
        _ configuration: NodeConfiguration, _ state: NodeState, _ service: (any NodeService)?, _ metrics: MetricRegistry
    ) -> NodeStatus {
        NodeStatus(
            name: configuration.name, role: configuration.kind, state: state,
            passages: service?.passages ?? 0, fingerprint: service?.fingerprint,
            detail: service?.detail ?? state.rawValue, samples: metrics.samples)
    }
}
