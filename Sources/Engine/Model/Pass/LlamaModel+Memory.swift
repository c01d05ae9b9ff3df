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
        return ByteCount(embedding + (try configuration.copiedBytes(layers, compute, checkpoint)))
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
    fileprivate func copiedBytes(
        _ layers: LlamaModel.Layers, _ compute: Compute, _ checkpoint: Checkpoint
    ) throws(ImpRAGError) -> Int {
        /// - Parameter loaded: of the matrices that read the same input, those that are kept.
        func bytes(_ matrices: [Architecture.Tensor], loaded: Int) throws(ImpRAGError) -> Int {
            // Without tensors that fit, loading says what is wrong.
            let products = (try? checkpoint.products(matrices, compute)) ?? compute.products
            var sum = 0
            for matrix in matrices.prefix(loaded) {
                let (rows, columns) = (matrix.shape[0], matrix.shape[1])
                guard products == .grouped, let form = try? checkpoint.form(matrix) else {
                    sum += WeightMatrix.byteCount(rowCount: rows, columnCount: columns, number: products)
                    continue
                }
                let grouping =
                    if case .grouped(let own) = form { own } else {
                        WeightGrouping(bits: .eight, scalesEveryGroup: false)
                    }
                sum += WeightMatrix.byteCount(rowCount: rows, columnCount: columns, grouping)
            }
            return sum
        }
        func vectors(_ tensors: [Architecture.Tensor]) -> Int {
            tensors.filter { $0.shape.count == 1 }.reduce(0) { $0 + ElementType.f32.size * $1.shape[0] }
        }
        var sum = 0
        for layer in 0..<(layers == .all ? layerCount : bottomBoundary) {
            sum += vectors(architecture.tensors(ofLayer: layer))
            for parts in LinearPart.together {
                sum += try bytes(parts.map { architecture.weight($0, layer) }, loaded: parts.count)
            }
        }
        guard layers == .bottom else {
            return sum + vectors([architecture.outputNorm]) + (try bytes([architecture.head], loaded: 1))
        }
        let attention = LinearPart.together[0].map { architecture.weight($0, bottomBoundary) }
        return sum + vectors(architecture.embeddingTensors(ofLayer: bottomBoundary)) + (try bytes(attention, loaded: 2))
    }
}
