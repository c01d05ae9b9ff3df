import Core
import Kernels

/// The weights that one selection of layers needs.
struct ModelWeights: Sendable {
    /// `[vocabulary × D]`.
    let embedding: StoredRows
    /// Layers 0…N−1, or 0…b−1 when only the bottom is loaded.
    let layers: [LayerWeights]
    /// Of layer b, which makes the embeddings.
    let boundary: AttentionInput
    /// Nil when only the bottom is loaded.
    let output: OutputWeights?
    /// Bytes of all of the above, mapped or copied.
    let byteCount: Int

    /// Checks all tensors, whatever the selection: a damaged model is refused by every role, not only by those that
    /// read the damage.
    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, layers selection: LlamaModel.Layers,
        compute: Compute, pool: Kernels.WorkerPool
    ) throws(ImpRAGError) {
        let architecture = configuration.architecture
        let boundary = configuration.bottomBoundary
        try checkpoint.check(architecture, compute)
        var loader = WeightLoader(checkpoint: checkpoint, compute: compute, pool: pool)
        embedding = try loader.table(architecture.embedding)
        var layers: [LayerWeights] = []
        for layer in 0..<(selection == .all ? architecture.layerCount : boundary) {
            layers.append(try LayerWeights(&loader, architecture, layer: layer))
        }
        self.layers = layers
        switch selection {
        case .bottom:
            self.boundary = try AttentionInput(&loader, architecture, layer: boundary, [.query, .key])
            output = nil
        case .all:
            self.boundary = layers[boundary].attentionInput
            let head = architecture.tiesEmbeddings ? architecture.embedding : architecture.head
            let products = try checkpoint.products([head], compute)
            output = OutputWeights(
                norm: try loader.vector(architecture.outputNorm),
                head: Projection([try loader.matrix(head, products)]))
        }
        byteCount = loader.byteCount
    }
}
