import Core
import Kernels
import Platform

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

/// One layer's weights.
struct LayerWeights: Sendable {
    let inputNorm: [Float]
    /// Queries, keys and values side by side.
    let queriesKeysValues: Projection
    let queries: Projection
    let keys: Projection
    let keysValues: Projection
    let attentionOutput: Projection
    let feedForwardNorm: [Float]
    /// Gate and up side by side.
    let gateUp: Projection
    let down: Projection

    static func prefix(_ layer: Int) -> String { "model.layers.\(layer)." }

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
        queries = Projection([query])
        keys = Projection([key])
        keysValues = Projection([key, value])
        attentionOutput = Projection([output])
        self.feedForwardNorm = feedForwardNorm
        gateUp = Projection([gate, up])
        self.down = Projection([down])
    }
}

/// What turns the last layer's output into logits.
struct OutputWeights: Sendable {
    let norm: [Float]
    /// `[vocabulary × D]`.
    let head: Projection
}

/// Fetches tensors from a checkpoint; collects what is wrong with them.
struct WeightLoader {
    let checkpoint: Checkpoint
    let compute: Compute
    let backend: ProductBackend?
    private(set) var byteCount = 0
    private var problems: [ImpRAGError] = []

    init(checkpoint: Checkpoint, compute: Compute, backend: ProductBackend?) {
        self.checkpoint = checkpoint
        self.compute = compute
        self.backend = backend
    }

    /// `[rows × columns]`, where it lies when its type is the one to compute in.
    mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) -> WeightMatrix? {
        do {
            let (tensor, element) = try checkpoint.tensor("\(name).weight", shape: [rows, columns])
            let type: ElementType = compute == .f32 ? .f32 : .bf16
            let matrix = tensor.file.withBytes(in: tensor.range) {
                WeightMatrix(
                    bytes: $0, owner: tensor.file, element: element, rowCount: rows, columnCount: columns,
                    compute: type, backend: compute == .bf16 ? backend : nil)
            }
            byteCount += rows * columns * type.size
            return matrix
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// `[count]`, widened to float32.
    mutating func vector(_ name: String, _ count: Int) -> [Float]? {
        do {
            let (tensor, element) = try checkpoint.tensor("\(name).weight", shape: [count])
            byteCount += count * ElementType.f32.size
            return tensor.file.withBytes(in: tensor.range) { widened($0, element) }
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// Throws `invalidArgument` listing the problems, the first few in full.
    func finish() throws(ImpRAGError) {
        guard let first = problems.first else { return }
        let shown = problems.prefix(5).map(\.message).joined(separator: "; ")
        let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
        throw ImpRAGError(first.code, shown + more)
    }
}
