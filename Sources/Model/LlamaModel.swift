public import Core

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
    public var kernels: String { "" }
    /// Bytes of weights that this selection of layers keeps in memory.
    public var weightBytes: ByteCount { ByteCount(0) }

    /// Maps the model in `directory` and checks every tensor that `layers` needs.
    ///
    /// - Parameter compute: nil takes bf16 for bf16 weights and float32 otherwise.
    /// - Throws: `invalidArgument` naming tensor and file, `notFound` for a missing file.
    public init(directory: String, layers: Layers, compute: Compute? = nil, threadCount: Int? = nil) throws(ImpRAGError)
    {
        throw ImpRAGError(.internal, "not built yet")
    }

    /// SHA-256 over all weights (name, dtype, shape, bytes; tensors in name order, whatever file they stand in).
    public func weightsDigest() throws(ImpRAGError) -> [UInt8] { [] }

    /// Passage embeddings E_p. `sequences`: ids with BOS, cut. Returns `[sequences.count × h_k·d_h]`.
    public func embedPassages(_ sequences: [[Int32]]) throws(ImpRAGError) -> [Float] { [] }

    /// Query embeddings E_q with positions from 0. Returns `[sequences.count × h_k·d_h]`.
    public func embedQueries(_ sequences: [[Int32]]) throws(ImpRAGError) -> [Float] { [] }

    /// Runs prompts through layers 0…b−1, several at once; each result is the same as alone.
    public func promptStates(_ prompts: [(tokens: [Int32], requestedPassages: Int)]) throws(ImpRAGError)
        -> [PromptState]
    { [] }

    /// Runs passages (ids with BOS, cut; best first) through layers 0…t. Needs all layers.
    public func readPassages(_ passages: [[Int32]], encoding: PassageEncoding) throws(ImpRAGError) -> PassageState {
        throw ImpRAGError(.internal, "not built yet")
    }

    /// Goes on from a prompt state, its own or one that came over the wire, and the passages read for it. Needs all layers.
    ///
    /// Throws `invalidArgument` when the state's sizes do not fit this model, or passages outnumber `requestedPassages`.
    public func continueFrom(_ prompt: PromptState, passages: PassageState) throws(ImpRAGError) -> DecodingSession {
        throw ImpRAGError(.internal, "not built yet")
    }
}
