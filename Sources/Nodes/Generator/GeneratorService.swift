import Cluster
import Core
import Messaging
import Wire

/// Answers generate requests: checks them and hands them to the thread that owns the model.
final class GeneratorService: NodeService {
    let detail: String

    private let engine: any AnswerEngine
    private let worker: GenerationWorker
    private let tier: PassageTier?
    /// Nil where the cluster file says who there is.
    private let registry: RegistryFeed?

    /// - Parameters:
    ///   - memory: bytes of passages and caches that answers in progress may hold together.
    ///   - tier: where passages' states come from; with nil, every passage is read.
    ///   - registry: stopped with the service.
    ///   - arithmetic: what the engine computes with, for records of answers.
    init(
        engine: any AnswerEngine, settings: GeneratorSettings, memory: ByteCount, tier: PassageTier? = nil,
        registry: RegistryFeed? = nil, arithmetic: Arithmetic? = nil, detail: String, metrics: MetricRegistry,
        on environment: NodeEnvironment = .system
    ) throws(ImpRAGError) {
        self.engine = engine
        self.tier = tier
        self.registry = registry
        self.detail = detail
        worker = try GenerationWorker(
            engine: engine, arithmetic: arithmetic, activeLimit: settings.activeRequests, memory: memory,
            queueLimit: settings.requestQueue, metrics: metrics, on: environment)
    }

    var fingerprint: Fingerprint { engine.fingerprint }
    var passages: Int { 0 }

    func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
        guard case .generate(let generate) = request.body else {
            throw ImpRAGError(
                .invalidArgument, "a generator answers generate, status and ping, not \(request.body.name)")
        }
        var job = try GenerationJob(
            request, generate, fingerprint: engine.fingerprint, shape: engine.shape)
        if let tier {
            (job.states, job.sequences) = try await tier.states(
                for: job.passages, encoding: job.encoding, of: request)
        }
        request.trace?.note([
            TraceSpan.Attribute("imprag.passages", job.passages.count),
            TraceSpan.Attribute("imprag.prompt_tokens", generate.promptTokens.count),
        ])
        try await worker.generate(job, for: request)
    }

    func status(own: NodeStatus, ofOthers: Bool, deadline: Deadline) async -> [NodeStatus] {
        var own = own
        if let trouble = registry?.trouble { own.detail += "; \(trouble)" }
        return [own]
    }

    func beginDraining() { registry?.beginDraining() }

    func stop(milliseconds: Int) -> Bool {
        registry?.stop()
        let deadline = Deadline.after(milliseconds: milliseconds)
        tier?.stop()
        let hasEnded = worker.stop(milliseconds: milliseconds)
        return tier?.join(deadline: deadline) != false && hasEnded
    }
}
