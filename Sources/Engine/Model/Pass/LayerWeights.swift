import Core
import Kernels

/// One layer's weights.
struct LayerWeights: Sendable {
    let attentionInput: AttentionInput
    let attentionOutput: LinearLayers
    /// `[D]`.
    let feedForwardNorm: [Float]
    /// Gate and up, in this order.
    let gateUp: LinearLayers
    let down: LinearLayers

    init(_ loader: inout WeightLoader, _ architecture: Architecture, layer: Int) throws(ImpRAGError) {
        attentionInput = try AttentionInput(&loader, architecture, layer: layer, [.query, .key, .value])
        attentionOutput = try loader.linear([.output], architecture, layer)
        feedForwardNorm = try loader.vector(architecture.norm(.feedForward, layer))
        gateUp = try loader.linear([.gate, .up], architecture, layer)
        down = try loader.linear([.down], architecture, layer)
    }
}
