public import Core
import Kernels

extension LlamaModel {
    /// What `weightBytes` will be once the model is loaded, from settings and headers alone: a node logs it, and
    /// compares it with its budget, before it touches a weight.
    ///
    /// - Throws: as `init` does for settings and headers; single tensors are not looked at.
    public static func requiredBytes(
        directory: String, layers: Layers, compute: Compute? = nil
    ) throws(ImpRAGError) -> ByteCount {
        let configuration = try ModelConfiguration(directory: directory)
        let checkpoint = try Checkpoint(directory: directory)
        let compute = try checkpoint.compute(wanted: compute, configuration)
        let embedding = checkpoint.stored(configuration.architecture.embedding.name)?.range.count ?? 0
        return ByteCount(embedding + configuration.copiedBytes(layers, compute))
    }
}

extension ModelConfiguration {
    /// Bytes of one batch's activations: the residual stream, queries, keys and values, the heads' outputs, gate and
    /// up, and one product's input; and the logits of `answers` rows.
    public func activationBytes(answers: Int = 0) -> ByteCount {
        let heads = (2 * queryHeadCount + 2 * keyHeadCount) * headSize
        let row = 2 * hiddenSize + heads + 3 * intermediateSize
        return ByteCount(4 * (Batch.rowLimit * row + answers * (vocabularySize + hiddenSize)))
    }

    /// Bytes of the weights as products read them; of the embedding table only the output layer's copy.
    fileprivate func copiedBytes(_ layers: LlamaModel.Layers, _ compute: Compute) -> Int {
        func bytes(_ tensor: Architecture.Tensor) -> Int {
            guard tensor.shape.count == 2 else { return ElementType.f32.size * tensor.shape[0] }
            return WeightMatrix.byteCount(
                rowCount: tensor.shape[0], columnCount: tensor.shape[1], number: compute.products)
        }
        let whole = (0..<(layers == .all ? layerCount : bottomBoundary)).flatMap(architecture.tensors(ofLayer:))
        let ends =
            layers == .all
            ? [architecture.outputNorm, architecture.head] : architecture.embeddingTensors(ofLayer: bottomBoundary)
        return (whole + ends).reduce(0) { $0 + bytes($1) }
    }
}
