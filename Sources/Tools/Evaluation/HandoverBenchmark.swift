public import Core
import Foundation
import Messaging
public import Model
import Platform
import Wire

/// Measures what handing over a prompt's state costs, and what recomputing it would cost.
///
/// Two messengers of this process stand in for coordinator and generator, with a Unix socket between them.
public final class HandoverBenchmark {
    /// One figure; times are medians of the repeats.
    public struct Figure: Sendable {
        /// Tokens of the prompt.
        public let tokens: Int
        /// Bytes of the tensors sent.
        public let bytes: Int
        /// From a state at the sender to a checked state at the receiver: converting, sending, receiving, checking.
        public let handoverSeconds: Double
        /// The same tokens through the bottom layers.
        public let recomputeSeconds: Double
    }

    private let model: LlamaModel
    private let repeats: Int
    private let directory: String
    private let sender: Messenger
    private let receiver: Messenger
    private let peer: Peer
    private let pool: JobPool

    /// - Parameters:
    ///   - model: the bottom layers are enough.
    ///   - repeats: each figure is the median of this many runs, after a warm-up.
    public init(_ model: LlamaModel, repeats: Int) throws(ImpRAGError) {
        self.model = model
        self.repeats = repeats
        directory = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/imprag-\(UUID())"
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw ImpRAGError(.unavailable, "cannot make \(directory) for the sockets", cause: error)
        }
        sender = try Messenger(name: "coordinator")
        receiver = try Messenger(name: "generator")
        let endpoint = "ipc://\(directory)/g"
        let pool = try JobPool(name: "receive", count: 1, queueLimit: 16)
        self.pool = pool
        let shape = RequestShape(model.configuration)
        try receiver.listen(on: endpoint) { request in
            do throws(ImpRAGError) {
                try pool.submit { receive(request, shape) }
            } catch {
                request.fail(error)
            }
        }
        peer = try sender.connect(to: endpoint, name: "generator")
    }

    deinit {
        sender.close()
        receiver.close()
        pool.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A prompt of `tokens` synthetic tokens.
    ///
    /// - Throws: what the model and the sockets throw.
    public func measure(tokens: Int) async throws(ImpRAGError) -> Figure {
        let ids = (0..<tokens).map { Int32($0 * 7919 % model.configuration.vocabularySize) }
        let prompt = [(tokens: ids, requestedPassages: 0)]
        let state = try model.promptStates(prompt)[0]
        var recompute: [Double] = []
        var handover: [Double] = []
        for _ in 0...repeats {
            recompute.append(try seconds { () throws(ImpRAGError) in _ = try model.promptStates(prompt) })
            handover.append(try await handOver(state))
        }
        let bytes = try state.tensors(RequestShape(model.configuration)).reduce(0) { $0 + $1.description.byteCount }
        return Figure(
            tokens: tokens, bytes: bytes, handoverSeconds: middle(handover), recomputeSeconds: middle(recompute))
    }

    /// Seconds until the state has arrived.
    private func handOver(_ state: PromptState) async throws(ImpRAGError) -> Double {
        let start = ContinuousClock.now
        let reply = try await peer.call(
            .generate(GenerateRequest(promptTokens: state.tokens, k: state.requestedPassages, passages: [])),
            tensors: try state.tensors(RequestShape(model.configuration)), deadline: .after(milliseconds: 60_000))
        let end = ContinuousClock.now
        guard case .generateDone(let done) = reply.body, done.generatedTokenCount == state.tokens.count else {
            throw ImpRAGError(.internal, "the state was answered with \(reply.body.name)")
        }
        return (end - start) / .seconds(1)
    }
}

/// What a generator does with a state before it computes.
private func receive(_ request: IncomingRequest, _ shape: RequestShape) {
    do throws(ImpRAGError) {
        guard case .generate(let generate) = request.body else {
            throw ImpRAGError(.invalidArgument, "only states are received here")
        }
        let state = try PromptState(
            tokens: generate.promptTokens, requestedPassages: generate.k, received: request.tensors, shape)
        request.reply(
            .generateDone(
                GenerateDone(
                    end: .stop, passageAttention: [], generatedTokenCount: state.tokens.count, timings: Timings())))
    } catch {
        request.fail(error)
    }
}
