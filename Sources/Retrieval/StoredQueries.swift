// Sample queries stand among a partition's index blocks, where no generation is: they outlive every one of them.
//
//   4 bytes     length of the source's name
//   its bytes
//   n × f32     the vectors, little-endian

internal import Core
internal import PassageStore
internal import VectorIndex

/// Keeps the queries of the last calibration, for the index that replaces the one they were used for.
enum StoredQueries {
    /// Generations of indexes begin at 1.
    private static let key = IndexBlockKey(generation: 0, list: 0, block: 0)

    static func block(_ sample: SampleQueries) -> IndexBlock {
        let name = Array(sample.source.rawValue.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + name.count + sample.vectors.count * 4)
        append(UInt32(name.count), to: &bytes)
        bytes += name
        for number in sample.vectors { append(number.bitPattern, to: &bytes) }
        return IndexBlock(key: key, bytes: bytes)
    }

    /// Nil when the partition has none.
    ///
    /// - Throws: `dataLoss` when they are not readable.
    static func read(_ partition: Partition) throws(ImpRAGError) -> SampleQueries? {
        guard let bytes = try partition.indexBlock(key) else { return nil }
        let vectorBytes = 4 * partition.dimension
        let start = bytes.count < 4 ? Int.max : 4 + Int(number(bytes, at: 0))
        guard start <= bytes.count, let name = String(validating: bytes[4..<start], as: UTF8.self),
            let source = Calibration.Source(rawValue: name), (bytes.count - start) % vectorBytes == 0
        else {
            throw ImpRAGError(
                .dataLoss,
                "the sample queries of \(partition.path) are damaged; restore the partition, or index the corpus again")
        }
        let vectors = stride(from: start, to: bytes.count, by: 4).map { Float(bitPattern: number(bytes, at: $0)) }
        return SampleQueries(vectors: vectors, source: source)
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func number(_ bytes: [UInt8], at place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }
}
