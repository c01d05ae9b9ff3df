import Cluster
import Core
import Messaging
import Model
import SimulatedWorld
import Synchronization
import TestSupport
import Wire

@testable import Generator

/// A real generator node on a simulated network with a fake model.
final class FakeGenerator: Sendable {
    static let model = fingerprint(of: 1)
    static let otherModel = fingerprint(of: 2)

    private static func fingerprint(of byte: UInt8) -> Fingerprint {
        guard let fingerprint = Fingerprint(bytes: Array(repeating: byte, count: 32)) else {
            preconditionFailure("32 bytes are a fingerprint")
        }
        return fingerprint
    }

    let engine: FakeEngine
    let service: GeneratorService
    let server: NodeServer
    let client: Messenger
    let generator: Peer

    init(
        engine: FakeEngine = FakeEngine(), activeRequests: Int = 4, memory: Int = 1 << 30, queue: Int = 8
    ) throws {
        let environment = NodeEnvironment.inTest
        self.engine = engine
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "c", "role": "coordinator" },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                    { "name": "writer", "role": "generator", "listen": "ipc:///g",
                      "active_requests": \(activeRequests), "request_queue": \(queue) } ] }
                """, source: "test", directory: "/")
        let node = try cluster.node(named: "writer")
        guard case .generator(let settings) = node.role else { throw ImpRAGError(.internal, "no generator") }
        server = try NodeServer(node, on: environment)
        service = try GeneratorService(
            engine: engine, settings: settings, memory: ByteCount(memory), detail: "test", metrics: server.metrics,
            on: environment)
        server.serve(service)
        client = try environment.messenger("front", limits: MessagingLimits())
        generator = try client.connect(to: server.endpoint, name: "writer")
    }

    /// Stops everything. Returns whether the generator's threads ended.
    func stop() -> Bool {
        client.close()
        return server.stop(milliseconds: 5000)
    }

    /// A request that fits `FakeEngine.shape`; its prompt's last token is `name`.
    static func request(
        _ name: Int32 = 1, k: Int = 2, passages: Int = 2, maxTokens: Int? = 5
    ) -> GenerateRequest {
        GenerateRequest(
            promptTokens: [0, name], k: k,
            passages: (0..<passages).map { Passage(id: "p\($0)", title: "", text: "text") },
            sampling: SamplingOptions(maxTokens: maxTokens))
    }

    static let tensors = [
        Tensor([Float](arrayLiteral: 1, 2, 3, 4, 5, 6), shape: [2, 3]),
        Tensor([Float](arrayLiteral: 1, 2, 3, 4), shape: [1, 2, 2]),
        Tensor([Float](arrayLiteral: 1, 2, 3, 4), shape: [1, 2, 2]),
    ]

    func stream(
        _ request: GenerateRequest = request(), tensors: [Tensor] = tensors, fingerprint: Fingerprint? = model,
        milliseconds: Int = 30_000
    ) throws(ImpRAGError) -> ReplyStream {
        try generator.stream(
            .generate(request), tensors: tensors, fingerprint: fingerprint,
            deadline: .inTest(milliseconds: milliseconds))
    }

    /// The text of a whole answer and its end.
    func generate(
        _ request: GenerateRequest = request(), tensors: [Tensor] = tensors, fingerprint: Fingerprint? = model,
        milliseconds: Int = 30_000
    ) async throws(ImpRAGError) -> (text: String, done: GenerateDone?) {
        let replies = try stream(request, tensors: tensors, fingerprint: fingerprint, milliseconds: milliseconds)
        var text = ""
        while let reply = try await replies.next() {
            switch reply.body {
            case .token(let token): text += token.text
            case .generateDone(let done): return (text, done)
            default: throw ImpRAGError(.internal, reply.body.name)
            }
        }
        return (text, nil)
    }
}

/// Writes `a0 a1 a2 …`, with a letter for each prompt, until `maxTokens`.
final class FakeEngine: AnswerEngine {
    let fingerprint = FakeGenerator.model
    let shape = RequestShape(
        hiddenSize: 3, bottomBoundary: 1, keyWidth: 2, vocabularySize: 100, maxPassageTokens: 10, maxPositions: 1000,
        topK: 5, encoding: .segmented)
    /// The prompts whose tokens were generated, in order.
    let steps = Mutex<[Int32]>([])
    /// What `begin` was called with.
    let begun = Mutex<[(tokens: [Int32], hidden: [Float], encoding: PassageEncoding)]>([])

    func begin(
        from state: PromptState, passages: [Passage], sequences: [PassageSequence]?, encoding: PassageEncoding,
        sampling: Sampling, resuming tokens: [Int32], states: (any PassageStateSource)?,
        speculates: Bool, measuresTokens: Bool
    ) throws(ImpRAGError) -> any AnswerSource {
        begun.withLock { $0.append((state.tokens, state.hidden, encoding)) }
        if state.tokens.last == 99 { throw ImpRAGError(.dataLoss, "a passage cannot be read") }
        return FakeAnswer(
            name: state.tokens.last ?? 0, passageCount: passages.count, maxTokens: sampling.maxTokens,
            resumed: tokens.count, measuresTokens: measuresTokens)
    }

    func step(_ answers: [any AnswerSource], spareRows: Int) -> [Result<AnswerToken?, ImpRAGError>] {
        answers.map { answer in
            guard let answer = answer as? FakeAnswer else { return .success(nil) }
            do throws(ImpRAGError) {
                return .success(try answer.step(self))
            } catch {
                return .failure(error)
            }
        }
    }
}

/// Has 20 tokens to read, and holds 10 bytes for each token that it has generated.
private final class FakeAnswer: AnswerSource {
    let passageAttention: [Float]
    private(set) var tokenCount = 0
    private(set) var end: AnswerEnd?
    private(set) var unreadTokens = 20
    private let name: Int32
    private let maxTokens: Int

    private let measuresTokens: Bool

    init(name: Int32, passageCount: Int, maxTokens: Int, resumed: Int, measuresTokens: Bool) {
        self.measuresTokens = measuresTokens
        self.name = name
        tokenCount = resumed
        self.maxTokens = maxTokens
        passageAttention = Array(repeating: 0.5, count: passageCount)
    }

    var isAhead: Bool { false }
    var proposedTokens: Int { 0 }
    var acceptedTokens: Int { 0 }
    var isReading: Bool { unreadTokens > 0 }
    var nextBytes: Int { 10 * (tokenCount + 1) }
    var largestBytes: Int { 10 * maxTokens }
    var keptBytes: Int { 0 }

    func read(tokenLimit: Int) { unreadTokens -= min(tokenLimit, unreadTokens) }

    func suspend() { unreadTokens = 20 + tokenCount }

    func step(_ engine: FakeEngine) throws(ImpRAGError) -> AnswerToken? {
        guard !isReading else { throw ImpRAGError(.internal, "a step before the reading's end") }
        guard tokenCount < maxTokens else {
            end = .length
            return nil
        }
        engine.steps.withLock { $0.append(name) }
        defer { tokenCount += 1 }
        if name == 98, tokenCount == 2 { throw ImpRAGError(.internal, "the model broke") }
        return AnswerToken(
            text: "\(name).\(tokenCount) ", token: name, logprob: -0.5,
            passageAttention: measuresTokens ? passageAttention : [])
    }
}
