import Core
import Kernels

/// What makes queries (0), keys (1) and values (2) of the residual stream, as they enter RoPE.
struct AttentionInput: Sendable {
    /// `[D]`: RMSNorm of the layer's input.
    let norm: [Float]
    /// Queries, keys and values; of layer b, where only the bottom is loaded, queries and keys.
    let linear: LinearLayers
    /// `[d_h]` each: RMSNorm of every head; empty in families without.
    let queryNorm: [Float]
    let keyNorm: [Float]

    init(
        _ loader: inout WeightLoader, _ architecture: Architecture, layer: Int, _ parts: [LinearPart]
    ) throws(ImpRAGError) {
        norm = try loader.vector(architecture.norm(.input, layer))
        linear = try loader.linear(parts, architecture, layer)
        queryNorm = try loader.vector(architecture.norm(.query, layer))
        keyNorm = try loader.vector(architecture.norm(.key, layer))
    }
}
