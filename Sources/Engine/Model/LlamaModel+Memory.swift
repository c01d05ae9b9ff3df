public import Core
import Kernels

extension LlamaModel {
    /// What `weightBytes` will be once the model is loaded, from settings and headers alone: a node prints it, and
    /// compares it with its budget, before it touches a weight.
    ///
    /// - Throws: as `init` does for settings and headers; single tensors are not looked at.
    public static func requiredBytes(
        directory: String, layers: Layers, compute: Compute? = nil
    ) throws(ImpRAGError) -> ByteCount {
        let configuration = try ModelConfiguration(directory: directory)
        let checkpoint = try Checkpoint(directory: directory)
        let compute = try checkpoint.compute(wanted: compute, configuration)
        return ByteCount(
            configuration.weightBytes(layers, compute, embedding: checkpoint.bytes("model.embed_tokens.weight")))
    }
}

extension ModelConfiguration {
    /// Bytes of what lies between the layers of one batch: the residual stream, queries, keys and values, attention, the
    /// feed-forward layer's two halves, and one product's input; and the logits of `answers` rows.
    public func activationBytes(answers: Int = 0) -> ByteCount {
        let heads = (2 * queryHeadCount + 2 * keyHeadCount) * headSize
        let row = 2 * hiddenSize + heads + 3 * intermediateSize
        return ByteCount(4 * (Batch.rowLimit * row + answers * (vocabularySize + hiddenSize)))
    }
}

extension ModelConfiguration {
    /// Bytes of the weights as products read them, and of the embedding table where it lies.
    fileprivate func weightBytes(_ layers: LlamaModel.Layers, _ compute: Compute, embedding: Int) -> Int {
        func matrix(_ rows: Int, _ columns: Int) -> Int {
            WeightMatrix.byteCount(rowCount: rows, columnCount: columns, number: compute.products)
        }
        let queries = matrix(queryHeadCount * headSize, hiddenSize)
        let keys = matrix(embeddingDimension, hiddenSize)
        let layer =
            queries + 2 * keys + matrix(hiddenSize, queryHeadCount * headSize)
            + 2 * matrix(intermediateSize, hiddenSize) + matrix(hiddenSize, intermediateSize)
        let norm = 4 * hiddenSize
        switch layers {
        case .bottom:
            return embedding + bottomBoundary * layer + queries + keys + (2 * bottomBoundary + 1) * norm
        case .all:
            return embedding + matrix(vocabularySize, hiddenSize) + layerCount * layer + (2 * layerCount + 1) * norm
        }
    }
}
