import Cluster
import Core
import Messaging
import Model
import SimulatedWorld
import Synchronization
import TestSupport
import Wire

@testable import Generator

/// A generator node with the shipped model: on a simulated network, or over a real socket outside of simulated tests.
final class ModelGenerator: Sendable {
    /// One request without its prompt's state.
    struct Question: Sendable {
        var tokens: [Int32]
        var k = 0
        var passages: [Passage] = []
        var encoding = PassageEncoding.independent
        var maxTokens = 8
        var seed: UInt64 = 0
    }

    /// Everything that a client sees of an answer except its times. Equal ones have the same bits.
    struct Answer: Equatable, Sendable {
        var tokens: [Int32] = []
        var logprobs: [UInt32] = []
        var text = ""
        var attention: [UInt32] = []
        /// As the generator counts them: with those that it was given.
        var count = 0
    }

    private static let loaded = Result { () throws(ImpRAGError) in
        try ImpRAGModel(
            directory: SharedData.packageRoot + "/Models/encyclopedia-tiny", layers: .all, threadCount: 2)
    }

    let service: GeneratorService
    /// Nil for a generator that reads every passage.
    let tier: PassageTier?
    private let model: ImpRAGModel
    let server: NodeServer
    private let client: Messenger
    private let generator: Peer
    private let directory: TemporaryDirectory

    static func model() throws -> ImpRAGModel { try loaded.get() }

    /// - Parameters:
    ///   - shard: where it fetches states; nil for a generator without them.
    init(
        memory: Int = 1 << 30, activeRequests: Int = 16, queue: Int = 64, shard: FakeShard? = nil,
        coder: StateCoder? = nil, passageMemory: Int = 1 << 26,
        heldBytes: Int = 1 << 26, tracer: Tracer? = nil
    ) throws {
        directory = try TemporaryDirectory()
        let environment = NodeEnvironment.inTest
        model = try Self.model()
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "c", "role": "coordinator" },
                    { "name": "shard-0", "role": "shard", "listen": "\(shard?.endpoint ?? "ipc:///none")",
                      "partitions": [0] },
                    { "name": "writer", "role": "generator", "listen": "ipc://\(directory.file("g"))",
                      "active_requests": \(activeRequests), "request_queue": \(queue) } ] }
                """, source: "test", directory: "/")
        let node = try cluster.node(named: "writer")
        guard case .generator(let settings) = node.role else { throw ImpRAGError(.internal, "no generator") }
        server = try NodeServer(node, tracer: tracer, on: environment)
        if shard == nil {
            tier = nil
        } else {
            tier = try PassageTier(
                model: model, coder: coder ?? StateCoder(model.model, codec: .bf16), memory: ByteCount(passageMemory),
                shards: StateShards(
                    cluster.topology, fingerprint: model.fingerprint, messenger: server.messenger,
                    clock: environment.clock),
                heldLimit: ByteCount(heldBytes), metrics: server.metrics, on: environment, log: { _ in })
        }
        service = try GeneratorService(
            engine: model, settings: settings, memory: ByteCount(memory), tier: tier, detail: "test",
            metrics: server.metrics, on: environment)
        server.serve(service)
        client = try environment.messenger("front", limits: MessagingLimits())
        generator = try client.connect(to: server.endpoint, name: "writer")
    }

    /// Stops everything. Returns whether the generator's threads ended.
    func stop() -> Bool {
        client.close()
        return server.stop(milliseconds: 10_000)
    }

    /// The passage tier's metrics.
    var figures: PassageFigures { PassageFigures(server.metrics) }

    static func state(of question: Question) throws -> PromptState {
        let states = try model().promptStates([PromptRequest(tokens: question.tokens, k: question.k)])
        return states[0]
    }

    /// - Parameter tokens: of an answer that another generator has begun.
    func stream(
        _ question: Question, _ state: PromptState, after tokens: [Int32] = [], trace: TraceContext? = nil,
        milliseconds: Int = 120_000
    ) throws -> ReplyStream {
        try generator.stream(
            .generate(
                GenerateRequest(
                    promptTokens: question.tokens, k: question.k, passages: question.passages,
                    encoding: question.encoding,
                    sampling: SamplingOptions(seed: question.seed, maxTokens: question.maxTokens),
                    resumeTokens: tokens)),
            tensors: state.tensors(RequestShape(model.configuration)), fingerprint: model.fingerprint, trace: trace,
            deadline: .inTest(milliseconds: milliseconds))
    }

    func answer(_ question: Question, milliseconds: Int = 120_000) async throws -> Answer {
        try await Self.rest(of: stream(question, Self.state(of: question), milliseconds: milliseconds))
    }

    /// What a client received of an answer.
    static func rest(of replies: ReplyStream) async throws -> Answer {
        var answer = Answer()
        while let reply = try await replies.next() {
            switch reply.body {
            case .token(let token):
                answer.text += token.text
                guard let id = token.token else { continue }
                answer.tokens.append(id)
                answer.logprobs.append(token.logprob.bitPattern)
            case .generateDone(let done):
                answer.attention = done.passageAttention.map(\.bitPattern)
                answer.count = done.generatedTokenCount
            default: throw ImpRAGError(.internal, reply.body.name)
            }
        }
        return answer
    }

    /// The same question, answered alone and without a node.
    static func solo(_ question: Question) throws -> Answer {
        let stream = try model().answer(
            from: state(of: question), passages: question.passages, encoding: question.encoding,
            sampling: Sampling(SamplingOptions(seed: question.seed), maxTokens: question.maxTokens))
        var answer = Answer()
        while let step = try stream.next() {
            answer.text += step.text
            guard let id = step.token else { continue }
            answer.tokens.append(id)
            answer.logprobs.append(step.logprob.bitPattern)
        }
        answer.attention = stream.passageAttention.map(\.bitPattern)
        answer.count = stream.tokenCount
        return answer
    }

    /// A passage of about `words` made-up words.
    static func passage(_ words: Int, _ random: inout SeededGenerator) -> Passage {
        let vocabulary = [
            "river", "capital", "country", "north", "Peru", "Kabul", "lies", "city", "the", "of", "number", "code",
        ]
        let text = (0..<words).map { _ in vocabulary.randomElement(using: &random) ?? "" }.joined(separator: " ")
        return Passage(id: "p\(Int.random(in: 0..<1 << 40, using: &random))", title: "", text: text)
    }

    /// BOS and `count` − 1 ordinary tokens.
    static func prompt(_ count: Int, _ random: inout SeededGenerator) throws -> [Int32] {
        try [model().configuration.bosToken] + (1..<count).map { _ in Int32.random(in: 300..<4000, using: &random) }
    }
}
