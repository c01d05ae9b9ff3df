public import Core

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
        let narrow = (compute ?? (checkpoint.isBFloat16 ? .bf16 : .f32)) == .bf16
        return ByteCount(configuration.weightBytes(layers, numberBytes: narrow ? 2 : 4))
    }
}

extension ModelConfiguration {
    /// - Parameter numberBytes: of a matrix's number; norms are always float32.
    fileprivate func weightBytes(_ layers: LlamaModel.Layers, numberBytes: Int) -> Int {
        let queries = hiddenSize * queryHeadCount * headSize
        let keys = hiddenSize * embeddingDimension
        let table = vocabularySize * hiddenSize
        let layer = 2 * queries + 2 * keys + 3 * hiddenSize * intermediateSize
        let norm = 4 * hiddenSize
        switch layers {
        case .bottom:
            return (table + bottomBoundary * layer + queries + keys) * numberBytes + (2 * bottomBoundary + 1) * norm
        case .all:
            let tables = tiesEmbeddings ? table : 2 * table
            return (tables + layerCount * layer) * numberBytes + (2 * layerCount + 1) * norm
        }
    }

    /// Bytes of keys and values that one token of a prompt or an answer costs a session, and one token of a passage
    /// costs its state.
    public var stateBytesPerToken: (own: Int, passage: Int) {
        let layer = 2 * 4 * embeddingDimension
        return (layerCount * layer, (topBoundary - bottomBoundary + 1) * layer)
    }
}
