public import Core
internal import Kernels

// The bytes are described in VectorIndexBlock.swift.
extension ListIndex {
    /// The block that the model is, to store.
    public func modelBlock(generation: Int) -> VectorIndexBlock {
        VectorIndexBlock(.model(generation: generation), model.bytes)
    }

    /// The blocks that list `list` is, to store.
    public func blocks(of list: Int, generation: Int) -> [VectorIndexBlock] {
        lists[list].enumerated().map { number, chunk in
            VectorIndexBlock(.chunk(generation: generation, list: list, number: number), chunk.bytes)
        }
    }

    /// Begins an index that was stored, with its model. Its chunks follow in the order of their names; `seal` comes
    /// last.
    ///
    /// - Throws: `dataLoss` when the bytes are not a model of vectors of `dimension` numbers.
    public init(storedModel bytes: [UInt8], dimension: Int) throws(ImpRAGError) {
        self.init(try IndexModel(stored: bytes, dimension: dimension))
    }

    /// Appends a stored chunk.
    ///
    /// - Throws: `dataLoss` when it is not the one that is next, or damaged.
    public mutating func append(stored bytes: RawSpan, list: Int, number: Int) throws(ImpRAGError) {
        guard lists.indices.contains(list), number == lists[list].count,
            let chunk = CodeChunk(copying: bytes, shape: model.codeSize.shape)
        else { throw ImpRAGError(.dataLoss, "chunk \(number) of its list \(list) is not readable") }
        append(chunk, to: list)
    }
}
