// Layout of a stored model; numbers are little-endian, arrays stand one after the other without their lengths, which
// follow from the first five:
//
//   8 bytes    "IRMODEL2"
//   5 × 32     dimension, width, lists, segments, head width
//   2 × f32    residual norm, tail variance
//   arrays     mean, projection, heads, tails, spreads, residual variances, weights, bits, steps, coordinates, factors,
//              first errors, errors

public import Core

extension IndexModel {
    private static let magic = Array("IRMODEL2".utf8)

    /// The bytes to store.
    public var bytes: [UInt8] {
        var writer = NumberWriter()
        writer.bytes += Self.magic
        for number in [dimension, width, listCount, layout.segments, headWidth] { writer.put(UInt32(number)) }
        writer.put([residualNorm, tailVariance])
        writer.put(mean)
        for numbers in [projection, heads, tails] { writer.put(numbers.map(\.bits)) }
        for numbers in [spreads, residualVariances, weights] { writer.put(numbers) }
        writer.bytes += layout.bits
        writer.put(layout.steps)
        writer.put(layout.coordinates.map { UInt16(bitPattern: $0) })
        for numbers in [layout.factors, layout.firstErrors, layout.errors] { writer.put(numbers) }
        return writer.bytes
    }

    /// A model as it was stored.
    ///
    /// - Throws: `dataLoss` when the bytes are none of a model of vectors of `dimension` numbers.
    public init(stored bytes: [UInt8], dimension expected: Int) throws(ImpRAGError) {
        var reader = NumberReader(bytes: bytes)
        let isOurs = reader.bytes(Self.magic.count) == Self.magic
        let header = (0..<5).map { _ in Int(reader.number32()) }
        let (dimension, width, lists, segments) = (header[0], header[1], header[2], header[3])
        guard isOurs, dimension == expected, width == Self.width(dimension: dimension),
            segments == Self.segments(dimension: dimension), (1...1 << 24).contains(lists),
            header[4] == min(width, Self.headLimit)
        else {
            throw ImpRAGError(
                .dataLoss, "the stored index model is none of vectors of \(expected) numbers, or of another version")
        }
        let nibbles = segments * CodeLayout.nibblesPerSegment
        residualNorm = reader.float()
        tailVariance = reader.float()
        self.dimension = dimension
        self.width = width
        listCount = lists
        mean = reader.floats(dimension)
        projection = reader.numbers16(width * dimension).map { BFloat16(bits: $0) }
        heads = reader.numbers16(lists * header[4]).map { BFloat16(bits: $0) }
        tails = reader.numbers16(lists * (width - header[4])).map { BFloat16(bits: $0) }
        spreads = reader.floats(lists)
        residualVariances = reader.floats(width)
        weights = reader.floats(width)
        let bits = reader.bytes(width)
        let steps = reader.floats(width)
        let coordinates = reader.numbers16(nibbles).map { Int16(bitPattern: $0) }
        layout = CodeLayout(
            segments: segments, bits: bits, steps: steps, coordinates: coordinates, factors: reader.floats(nibbles),
            firstErrors: reader.floats(width), errors: reader.floats(width))
        guard reader.isComplete, coordinates.allSatisfy({ $0 >= -1 && Int($0) < width }) else {
            throw ImpRAGError(
                .dataLoss, "the stored index model has \(bytes.count) bytes, which are not those of its sizes")
        }
        guard isFinite, bits.allSatisfy({ [0, 4, 8].contains($0) }) else {
            throw ImpRAGError(.dataLoss, "the stored index model holds numbers that no training finds")
        }
    }
}
