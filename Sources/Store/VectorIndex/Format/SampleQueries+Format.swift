public import Core

// The bytes are described in VectorIndexBlock.swift.
extension SampleQueries {
    /// The block to store.
    public var block: VectorIndexBlock {
        var writer = ByteWriter(capacity: 1 + 4 * vectors.count)
        writer.append(source.code)
        writer.append(vectors)
        return VectorIndexBlock(.queries, writer.bytes)
    }

    /// Queries as they were stored.
    ///
    /// - Throws: `dataLoss` when the bytes are not those of vectors of `dimension` numbers.
    public init(stored bytes: [UInt8], dimension: Int) throws(ImpRAGError) {
        var reader = ByteReader(bytes)
        guard let source = reader.uint8().flatMap(Calibration.Source.init(code:)), reader.left % (4 * dimension) == 0,
            let vectors = reader.floats(reader.left / 4), vectors.allSatisfy(VectorLimit.holds)
        else {
            throw ImpRAGError(.dataLoss, "its sample queries are not vectors of \(dimension) numbers")
        }
        self.init(vectors: vectors, source: source)
    }
}
