import ClusterConfiguration
import Core
import Messaging
import NodeRuntime
import Wire

/// Answers generate requests: checks them, and hands them to the thread that has the model.
final class GeneratorService: NodeService {
    let detail: String

    private let engine: any AnswerEngine
    private let worker: GenerationWorker

    /// - Parameter memory: bytes of passages and caches that answers in the making may hold together.
    init(
        engine: any AnswerEngine, settings: GeneratorSettings, memory: ByteCount, detail: String
    ) throws(ImpRAGError) {
        self.engine = engine
        self.detail = detail
        worker = try GenerationWorker(
            engine: engine, activeLimit: settings.activeRequests, memory: memory, queueLimit: settings.requestQueue)
    }

    var fingerprint: Fingerprint { engine.fingerprint }
    var passages: Int { 0 }

    /// Requests that wait for a place among the answers.
    var waitingRequests: Int { worker.waitingCount }

    func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
        guard case .generate(let generate) = request.body else {
            throw ImpRAGError(
                .invalidArgument, "a generator answers generate, status and ping, not \(request.body.name)")
        }
        try await worker.generate(
            try GenerationJob(
                request, generate, fingerprint: engine.fingerprint, shape: engine.shape,
                defaultEncoding: engine.defaultEncoding))
    }

    /// What the node has in the works.
    var figures: GenerationFigures { worker.figures }

    func stop(milliseconds: Int) -> Bool {
        worker.stop(milliseconds: milliseconds)
    }
}
