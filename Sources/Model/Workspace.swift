import Kernels

/// Room for one sequence on its way through the layers. Grows, and keeps what it has for the next sequence.
struct Workspace: Sendable {
    /// `[rows × D]`: the residual stream.
    var hidden: [Float] = []
    /// `[rows × D]`.
    var normed: [Float] = []
    /// `[rows × (h_q + 2·h_k)·d_h]`.
    var projected: [Float] = []
    /// `[rows × h_q·d_h]`.
    var attended: [Float] = []
    /// `[rows × D]`: what a sublayer adds to the residual stream.
    var increment: [Float] = []
    /// `[rows × 2·intermediate]`.
    var gateUp: [Float] = []
    /// `[h_q × context tokens]`, or empty: the last row's attention in the layer just run.
    var mass: [Float] = []
    let scratch = ProductScratch()

    /// Makes room for `rows` tokens.
    mutating func reserve(_ rows: Int, _ configuration: ModelConfiguration) {
        let padded = max(rows, Projection.paddedRows(rows))
        let heads = configuration.queryHeadCount + 2 * configuration.keyHeadCount
        grow(&hidden, padded * configuration.hiddenSize)
        grow(&normed, padded * configuration.hiddenSize)
        grow(&projected, padded * heads * configuration.headSize)
        grow(&attended, padded * configuration.queryHeadCount * configuration.headSize)
        grow(&increment, padded * configuration.hiddenSize)
        grow(&gateUp, padded * 2 * configuration.intermediateSize)
    }

    /// Numbers that it has room for.
    var count: Int {
        hidden.count + normed.count + projected.count + attended.count + increment.count + gateUp.count + mass.count
    }

    private func grow(_ numbers: inout [Float], _ count: Int) {
        if numbers.count < count { numbers = [Float](repeating: 0, count: count) }
    }
}
