public import Core
import Foundation
public import Kernels
import Synchronization
import Tokenizer

/// A Llama-family model with ImpRAG's layer groups, memory-mapped. Immutable and shared by all threads.
public final class LlamaModel: Sendable {
    /// Which layers are loaded.
    public enum Layers: Sendable {
        /// Layers 0…b−1 and the query and key weights of layer b: enough for embeddings and prompt states.
        case bottom
        case all
    }

    public let configuration: ModelConfiguration
    public let compute: Compute
    /// The kernels in use, for the start-up log: library, version, instruction set.
    public let kernels: String
    /// Bytes of weights that this selection of layers keeps in memory.
    public let weightBytes: ByteCount

    let weights: ModelWeights
    let shape: AttentionShape
    let rotary: RotaryTable
    let sayable: SayableTokens
    let pool: Kernels.WorkerPool
    let workspaces = WorkspaceStore()
    /// Of passes that make tokens.
    let proposals = Mutex(ProposalLedger())
    private let checkpoint: Checkpoint

    /// Maps the model in `directory` and checks every tensor that `layers` needs.
    ///
    /// - Parameters:
    ///   - compute: nil takes bf16 for bf16 weights, int8 for int8 ones and float32 otherwise.
    ///   - threadCount: threads at work in one call, the caller's included; nil takes one for each processor.
    ///   - pinsThreads: keeps each but the caller's on a processor of its own: for a machine that does nothing else.
    /// - Throws: `invalidArgument` naming tensor and file, `notFound` for a missing file.
    public convenience init(
        directory: String, layers: Layers, compute: Compute? = nil, threadCount: Int? = nil,
        pinsThreads: Bool = false
    ) throws(ImpRAGError) {
        try self.init(
            directory: directory, ModelConfiguration(directory: directory), tokenizer: nil, layers: layers,
            compute: compute, threadCount: threadCount, pinsThreads: pinsThreads)
    }

    /// - Parameter tokenizer: whose tokens answers are made of; nil has one for every id.
    init(
        directory: String, _ configuration: ModelConfiguration, tokenizer: Tokenizer?, layers: Layers,
        compute: Compute?, threadCount: Int?, pinsThreads: Bool
    ) throws(ImpRAGError) {
        if let threadCount, threadCount < 1 {
            throw ImpRAGError(.invalidArgument, "\(threadCount) threads cannot run a model; at least 1 is expected")
        }
        self.configuration = configuration
        sayable = SayableTokens(
            vocabularySize: configuration.vocabularySize, tokenizer: tokenizer, endTokens: configuration.endTokens)
        checkpoint = try Checkpoint(directory: directory)
        let compute = try checkpoint.compute(wanted: compute, configuration)
        self.compute = compute
        // Idle threads spin for a while: waking one takes longer than what a pass does between two products.
        pool = WorkerPool(
            threadCount: threadCount ?? ProcessInfo.processInfo.activeProcessorCount, patience: 200,
            isPinned: pinsThreads)
        weights = try ModelWeights(checkpoint, configuration, layers: layers, compute: compute, pool: pool)
        weightBytes = ByteCount(weights.byteCount)
        shape = AttentionShape(
            keyHeadCount: configuration.keyHeadCount,
            groupSize: configuration.queryHeadCount / configuration.keyHeadCount, headSize: configuration.headSize,
            roundsQueries: compute == .int8)
        rotary = RotaryTable(
            frequencies: configuration.architecture.rotary.frequencies(headSize: configuration.headSize),
            positions: min(configuration.maxPassageTokens, 4096))
        kernels = "\(compute.rawValue), \(KernelLevel.description), \(pool.threadCount) threads"
    }

    /// SHA-256 over all weights (name, dtype, shape, bytes; tensors in name order, whatever file they stand in).
    ///
    /// - Throws: `invalidArgument` naming file, tensor and row of weights that are not finite: every byte is read for
    ///   it, or was when the digest was kept.
    public func weightsDigest() throws(ImpRAGError) -> [UInt8] {
        try checkpoint.digest(tied: configuration.tiesEmbeddings)
    }

    /// Seconds that threads of this process have spent in matrix products so far: take differences, and divide by
    /// threads for a share of the wall clock.
    public static var gemmSeconds: Double { ProductStatistics.current.seconds }

    /// Goes on from a prompt state, its own or one that came over the wire, and the passages read for it. Needs all
    /// layers.
    ///
    /// Throws `invalidArgument` when the state's sizes do not fit this model, or passages outnumber
    /// `requestedPassages`.
    ///
    /// Nothing is computed yet, and the passages may come later (`DecodingSession.take`).
    public func begin(_ prompt: PromptState, passages: PassageState? = nil) throws(ImpRAGError) -> DecodingSession {
        try requireAllLayers()
        let first = try firstPosition(requestedPassages: prompt.requestedPassages)
        try check(prompt.tokens, firstPosition: first, "the prompt")
        let rows = prompt.tokens.count
        let cached = configuration.bottomBoundary * rows * configuration.embeddingDimension
        for (what, found, wanted) in [
            ("hidden states", prompt.hidden.count, rows * configuration.hiddenSize),
            ("keys", prompt.keys.count, cached), ("values", prompt.values.count, cached),
        ] where found != wanted {
            throw ImpRAGError(
                .invalidArgument,
                "the prompt state has \(found) numbers of \(what); \(rows) tokens of this model have \(wanted)")
        }
        guard prompt.keys.isBFloat16 == prompt.values.isBFloat16 else {
            throw ImpRAGError(.invalidArgument, "the prompt state's keys and values are of different types")
        }
        guard areFinite(prompt.hidden), areFinite(prompt.keys), areFinite(prompt.values) else {
            throw ImpRAGError(.invalidArgument, "the prompt state holds numbers that are not finite")
        }
        let session = DecodingSession(self, prompt: prompt, firstPosition: first)
        if let passages { try session.take(passages) }
        return session
    }

    /// As `begin`, with the prompt read: the first logits are there.
    public func continueFrom(_ prompt: PromptState, passages: PassageState) throws(ImpRAGError) -> DecodingSession {
        let session = try begin(prompt, passages: passages)
        while session.readAhead(tokenLimit: .max) {}
        return session
    }
}

extension LlamaModel {
    /// What its layers multiply; of several, what most of them do.
    public var products: ProductNumber { weights.layers.last?.gateUp.number ?? compute.products }

    /// Bytes of matrices that a pass through all layers reads. Needs all layers.
    public var passBytes: ByteCount {
        let layers = weights.layers.flatMap { layer in
            [layer.attentionInput.linear, layer.attentionOutput, layer.gateUp, layer.down].map(\.projection)
        }
        let matrices = (layers + (weights.output.map { [$0.head] } ?? [])).flatMap(\.matrices)
        return ByteCount(matrices.reduce(0) { $0 + $1.byteCount })
    }
}
