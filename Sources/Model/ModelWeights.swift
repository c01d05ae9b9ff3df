import Core
import Kernels

/// The weights that one selection of layers needs.
struct ModelWeights: Sendable {
    /// `[vocabulary × D]`.
    let embedding: WeightMatrix
    /// Layers 0…N−1, or 0…b−1 when only the bottom is loaded.
    let layers: [LayerWeights]
    /// The input norm, query and key weights of layer b, which make the embeddings.
    let boundaryNorm: [Float]
    let boundaryQueries: Projection
    let boundaryKeys: Projection
    /// Nil when only the bottom is loaded.
    let output: OutputWeights?
    /// Of all of the above, where they lie or as copies.
    let byteCount: Int

    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, layers selection: LlamaModel.Layers,
        compute: Compute, backend: ProductBackend?
    ) throws(ImpRAGError) {
        var loader = WeightLoader(checkpoint: checkpoint, compute: compute, backend: backend)
        let hidden = configuration.hiddenSize
        let vocabulary = configuration.vocabularySize
        let boundary = configuration.bottomBoundary
        let embedding = loader.matrix("model.embed_tokens", vocabulary, hidden)
        let count = selection == .all ? configuration.layerCount : boundary
        let layers = (0..<count).map { LayerWeights(&loader, configuration, layer: $0) }
        var boundaryNorm: [Float]?
        var boundaryQueries: Projection?
        var boundaryKeys: Projection?
        if selection == .all {
            let layer = layers[boundary]
            boundaryNorm = layer?.inputNorm
            boundaryQueries = layer?.queries
            boundaryKeys = layer?.keys
        } else {
            let name = LayerWeights.prefix(boundary)
            boundaryNorm = loader.vector("\(name)input_layernorm", hidden)
            boundaryQueries = loader.matrix(
                "\(name)self_attn.q_proj", configuration.queryHeadCount * configuration.headSize, hidden
            ).map { Projection([$0]) }
            boundaryKeys = loader.matrix("\(name)self_attn.k_proj", configuration.embeddingDimension, hidden)
                .map { Projection([$0]) }
        }
        var output: OutputWeights?
        if selection == .all {
            let norm = loader.vector("model.norm", hidden)
            let head = configuration.tiesEmbeddings ? embedding : loader.matrix("lm_head", vocabulary, hidden)
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
        guard let embedding, let boundaryNorm, let boundaryQueries, let boundaryKeys else {
            throw ImpRAGError(.internal, "a tensor is missing that no problem names")
        }
        self.embedding = embedding
        self.layers = layers.compactMap(\.self)
        self.boundaryNorm = boundaryNorm
        self.boundaryQueries = boundaryQueries
        self.boundaryKeys = boundaryKeys
        self.output = output
        byteCount = loader.byteCount
    }
}
