/// The tensors that the layers need: names and shapes.
extension Architecture {
    struct Tensor: Sendable {
        let name: String
        let shape: [Int]

        /// Matrices are multiplied, and have 8 or 4 bits in a quantized model.
        var isMatrix: Bool { shape.count == 2 && name != Architecture.embeddingName }
        /// The scale of each row of an int8 matrix.
        var scales: Tensor { Tensor(name: "\(name)_scale", shape: [shape[0]]) }
    }

    private static let embeddingName = "model.embed_tokens.weight"

    var embedding: Tensor { Tensor(name: Self.embeddingName, shape: [vocabularySize, hiddenSize]) }
    var outputNorm: Tensor { Tensor(name: "model.norm.weight", shape: [hiddenSize]) }
    /// A tied model has none, or a copy of its embeddings that is never read.
    var head: Tensor { Tensor(name: "lm_head.weight", shape: [vocabularySize, hiddenSize]) }

    func weight(_ part: LinearPart, _ layer: Int) -> Tensor {
        let queries = queryHeadCount * headSize
        let shape =
            switch part {
            case .query: [queries, hiddenSize]
            case .key, .value: [embeddingDimension, hiddenSize]
            case .output: [hiddenSize, queries]
            case .gate, .up: [intermediateSize, hiddenSize]
            case .down: [hiddenSize, intermediateSize]
            }
        return Tensor(name: "model.layers.\(layer).\(part.rawValue).weight", shape: shape)
    }

    /// Nil where this matrix has no bias.
    func bias(_ part: LinearPart, _ layer: Int) -> Tensor? {
        guard biases.contains(part) else { return nil }
        return Tensor(
            name: "model.layers.\(layer).\(part.rawValue).bias", shape: [weight(part, layer).shape[0]])
    }

    /// Nil where layers have no such norm.
    func norm(_ part: NormPart, _ layer: Int) -> Tensor? {
        let name = "model.layers.\(layer).\(part.rawValue).weight"
        switch part {
        case .input, .feedForward: return Tensor(name: name, shape: [hiddenSize])
        case .query, .key: return normalizesHeads ? Tensor(name: name, shape: [headSize]) : nil
        }
    }

    func tensors(ofLayer layer: Int) -> [Tensor] {
        tensors(ofLayer: layer, NormPart.allCases, LinearPart.allCases)
    }

    /// Of layer b, those that make embeddings.
    func embeddingTensors(ofLayer layer: Int) -> [Tensor] {
        tensors(ofLayer: layer, [.input, .query, .key], [.query, .key])
    }

    private func tensors(ofLayer layer: Int, _ norms: [NormPart], _ matrices: [LinearPart]) -> [Tensor] {
        norms.compactMap { norm($0, layer) } + matrices.map { weight($0, layer) }
            + matrices.compactMap { bias($0, layer) }
    }

    /// Everything, without scales.
    var tensors: [Tensor] {
        [embedding] + (0..<layerCount).flatMap(tensors(ofLayer:)) + [outputNorm] + (tiesEmbeddings ? [] : [head])
    }

    /// Columns of the widest matrix.
    var largestColumnCount: Int { max(hiddenSize, intermediateSize, queryHeadCount * headSize) }

    /// RoPE's frequencies, which older checkpoints carry and every reader computes for itself.
    static func isHarmless(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }
}
