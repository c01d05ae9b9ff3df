import Kernels

/// One layer's weights.
struct LayerWeights: Sendable {
    let inputNorm: [Float]
    /// Queries, keys and values, in this order.
    let queriesKeysValues: Projection
    let attentionOutput: Projection
    let feedForwardNorm: [Float]
    /// Gate and up, in this order.
    let gateUp: Projection
    let down: Projection

    static func prefix(_ layer: Int) -> String { "model.layers.\(layer)." }

    /// The tensors of a layer that are matrices.
    static func matrixNames(_ layer: Int) -> [String] {
        [
            "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
            "mlp.up_proj", "mlp.down_proj",
        ].map { "\(prefix(layer))\($0).weight" }
    }

    /// Checks that the tensors of a layer that are not loaded are as they should be, without touching their bytes.
    static func check(
        _ loader: inout WeightLoader, _ configuration: ModelConfiguration, layer: Int, except loaded: Set<String>
    ) {
        let name = Self.prefix(layer)
        let hidden = configuration.hiddenSize
        let queryWidth = configuration.queryHeadCount * configuration.headSize
        let keyWidth = configuration.embeddingDimension
        let wide = configuration.intermediateSize
        let shapes = [
            ("input_layernorm", [hidden]), ("self_attn.q_proj", [queryWidth, hidden]),
            ("self_attn.k_proj", [keyWidth, hidden]), ("self_attn.v_proj", [keyWidth, hidden]),
            ("self_attn.o_proj", [hidden, queryWidth]), ("post_attention_layernorm", [hidden]),
            ("mlp.gate_proj", [wide, hidden]), ("mlp.up_proj", [wide, hidden]), ("mlp.down_proj", [hidden, wide]),
        ]
        for (suffix, shape) in shapes where !loaded.contains(suffix) {
            loader.check("\(name)\(suffix)", shape: shape)
        }
    }

    /// Nil when a tensor is not as it should be; the loader then knows the problem.
    init?(_ loader: inout WeightLoader, _ configuration: ModelConfiguration, layer: Int) {
        let name = Self.prefix(layer)
        let hidden = configuration.hiddenSize
        let queryWidth = configuration.queryHeadCount * configuration.headSize
        let keyWidth = configuration.embeddingDimension
        let wide = configuration.intermediateSize
        // All are asked for before any is missed, so that every problem is listed.
        let inputNorm = loader.vector("\(name)input_layernorm", hidden)
        let query = loader.matrix("\(name)self_attn.q_proj", queryWidth, hidden)
        let key = loader.matrix("\(name)self_attn.k_proj", keyWidth, hidden)
        let value = loader.matrix("\(name)self_attn.v_proj", keyWidth, hidden)
        let output = loader.matrix("\(name)self_attn.o_proj", hidden, queryWidth)
        let feedForwardNorm = loader.vector("\(name)post_attention_layernorm", hidden)
        let gate = loader.matrix("\(name)mlp.gate_proj", wide, hidden)
        let up = loader.matrix("\(name)mlp.up_proj", wide, hidden)
        let down = loader.matrix("\(name)mlp.down_proj", hidden, wide)
        guard let inputNorm, let query, let key, let value, let output, let feedForwardNorm, let gate, let up, let down
        else { return nil }
        self.inputNorm = inputNorm
        queriesKeysValues = Projection([query, key, value])
        attentionOutput = Projection([output])
        self.feedForwardNorm = feedForwardNorm
        gateUp = Projection([gate, up])
        self.down = Projection([down])
    }
}
