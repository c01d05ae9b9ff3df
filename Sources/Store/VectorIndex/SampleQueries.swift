// Layout of stored sample queries: 32 bits length of the source's name, the name, then the vectors' numbers in float32; all
// little-endian.

public import Core

/// Queries like those to come, for a calibration.
public struct SampleQueries: Hashable, Sendable {
    /// `[n × dimension]`, finite.
    public var vectors: [Float]
    public var source: Calibration.Source

    public init(vectors: [Float], source: Calibration.Source) {
        self.vectors = vectors
        self.source = source
    }

    /// Queries that a calibration uses, at most: recall is then known to about ±0.004 at 0.95.
    public static let limit = 400
    /// Fewer say too little.
    public static let least = 50

    /// The bytes to store.
    public var bytes: [UInt8] {
        var writer = NumberWriter()
        let name = Array(source.rawValue.utf8)
        writer.put(UInt32(name.count))
        writer.bytes += name
        writer.put(vectors)
        return writer.bytes
    }

    /// Queries as they were stored.
    ///
    /// - Throws: `dataLoss` when the bytes are none of vectors of `dimension` numbers.
    public init(stored bytes: [UInt8], dimension: Int) throws(ImpRAGError) {
        var reader = NumberReader(bytes: bytes)
        let name = reader.bytes(Int(reader.number32()))
        let count = max(0, bytes.count - 4 - name.count) / 4
        vectors = reader.floats(count)
        guard reader.isComplete, count % dimension == 0, let text = String(validating: name, as: UTF8.self),
            let source = Calibration.Source(rawValue: text)
        else {
            throw ImpRAGError(.dataLoss, "the stored sample queries are none of vectors of \(dimension) numbers")
        }
        self.source = source
    }
}
