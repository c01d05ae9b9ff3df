import Kernels

/// Room for a batch on its way through the layers. Grows, and keeps what it has for the next batch.
struct Workspace: Sendable {
    /// `[rows × D]`: the residual stream, without `increment` while that has a stride.
    var hidden: [Float] = []
    /// `[rows × stride of queries, keys and values]`.
    var projected: [Float] = []
    /// `[rows × h_q·d_h]`.
    var attended: [Float] = []
    /// What a sublayer adds to the residual stream; added when the next one reads it.
    var increment: [Float] = []
    /// Numbers from one of its rows to the next; nil when it has been added.
    var incrementStride: Int?
    /// `[rows × stride of gate and up]`.
    var gateUp: [Float] = []
    /// `[rows × stride of the vocabulary]`.
    var logits: [Float] = []
    /// Of the layer just run: `[sequences × h_q × passages]`, or empty.
    var mass: [Float] = []
    let input = ProductInput()

    /// Makes room for `rows` tokens in the layers.
    mutating func reserve(_ rows: Int, _ configuration: ModelConfiguration, _ layer: LayerWeights?) {
        grow(&hidden, rows * configuration.hiddenSize)
        guard let layer else { return }
        grow(&projected, rows * layer.attentionInput.linear.stride)
        grow(&attended, rows * configuration.queryHeadCount * configuration.headSize)
        grow(&increment, rows * layer.down.stride)
        grow(&gateUp, rows * layer.gateUp.stride)
    }

    func grow(_ numbers: inout [Float], _ count: Int) {
        if numbers.count < count { numbers = [Float](repeating: 0, count: count) }
    }
}
