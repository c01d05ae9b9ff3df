import Kernels

/// Room for a batch on its way through the layers. Grows, and keeps what it has for the next batch.
struct Workspace: Sendable {
    /// x: `[rows × D]`.
    var residual = ResidualStream()
    /// q, k and v side by side: `[rows × stride of the attention's input]`.
    var projected: [Float] = []
    /// The heads' outputs: `[rows × h_q·d_h]`.
    var attended: [Float] = []
    /// Gate and up side by side: `[rows × stride of both]`.
    var gateUp: [Float] = []
    /// `[rows × stride of the vocabulary]`.
    var logits: [Float] = []
    /// Softmax weights on each passage in the layer just run: `[measured rows × h_q × passages]`.
    var mass: [Float] = []
    /// The rows of the next product, in the numbers that it multiplies.
    let input = ProductInput()
    /// Where inputs of products are kept as well, while weights are being rounded.
    var recorder: InputRecorder?

    /// Makes room for `rows` rows in layers like `layer`, and forgets the batch before.
    ///
    /// - Parameter layer: nil where no layer is run.
    mutating func begin(_ rows: Int, _ configuration: ModelConfiguration, _ layer: LayerWeights?) {
        residual.begin(rows, width: configuration.hiddenSize, outputStride: layer?.down.stride ?? 0)
        guard let layer else { return }
        projected.reserve(rows * layer.attentionInput.linear.stride)
        attended.reserve(rows * configuration.queryHeadCount * configuration.headSize)
        gateUp.reserve(rows * layer.gateUp.stride)
    }
}
