import Core
import Kernels

/// The weights that one selection of layers needs.
struct ModelWeights: Sendable {
    /// `[vocabulary × D]`.
    let embedding: StoredRows
    /// Layers 0…N−1, or 0…b−1 when only the bottom is loaded.
    let layers: [LayerWeights]
    /// The input norm, query and key weights of layer b, which make the embeddings; queries first.
    let boundaryNorm: [Float]
    let boundary: Projection
    /// Nil when only the bottom is loaded.
    let output: OutputWeights?
    /// Of all of the above, where they lie or as copies.
    let byteCount: Int

    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, layers selection: LlamaModel.Layers,
        compute: Compute, pool: Kernels.WorkerPool
    ) throws(ImpRAGError) {
        var loader = WeightLoader(checkpoint: checkpoint, compute: compute, pool: pool)
        let hidden = configuration.hiddenSize
        let vocabulary = configuration.vocabularySize
        let boundary = configuration.bottomBoundary
        let embedding = loader.table("model.embed_tokens", vocabulary, hidden)
        let count = selection == .all ? configuration.layerCount : boundary
        let layers = (0..<count).map { LayerWeights(&loader, configuration, layer: $0) }
        var boundaryNorm: [Float]?
        var boundaryProjection: Projection?
        if selection == .all {
            boundaryNorm = layers[boundary]?.inputNorm
            boundaryProjection = layers[boundary]?.queriesKeysValues
        } else {
            let name = LayerWeights.prefix(boundary)
            boundaryNorm = loader.vector("\(name)input_layernorm", hidden)
            let queries = loader.matrix(
                "\(name)self_attn.q_proj", configuration.queryHeadCount * configuration.headSize, hidden)
            let keys = loader.matrix("\(name)self_attn.k_proj", configuration.embeddingDimension, hidden)
            if let queries, let keys { boundaryProjection = Projection([queries, keys]) }
        }
        var output: OutputWeights?
        if selection == .all {
            let norm = loader.vector("model.norm", hidden)
            let head = loader.matrix(
                configuration.tiesEmbeddings ? "model.embed_tokens" : "lm_head", vocabulary, hidden)
            if let norm, let head { output = OutputWeights(norm: norm, head: Projection([head])) }
        } else {
            // A damaged model is refused by every command, not only by those that would have read the damage.
            for layer in boundary..<configuration.layerCount {
                LayerWeights.check(
                    &loader, configuration, layer: layer,
                    except: layer == boundary ? ["input_layernorm", "self_attn.q_proj", "self_attn.k_proj"] : [])
            }
            loader.check("model.norm", shape: [hidden])
            if !configuration.tiesEmbeddings { loader.check("lm_head", shape: [vocabulary, hidden]) }
        }
        try loader.finish()
        guard let embedding, let boundaryNorm, let boundaryProjection else {
            throw ImpRAGError(.internal, "a tensor is missing that no problem names")
        }
        self.embedding = embedding
        self.layers = layers.compactMap(\.self)
        self.boundaryNorm = boundaryNorm
        self.boundary = boundaryProjection
        self.output = output
        byteCount = loader.byteCount
    }
}
