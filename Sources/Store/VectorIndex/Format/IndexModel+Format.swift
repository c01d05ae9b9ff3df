public import Core
internal import Kernels

// The bytes are described in VectorIndexBlock.swift.
extension IndexModel {
    private static let magic = Array("IRMODEL2".utf8)

    /// The bytes to store.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.magic)
        for number in [dimension, width, listCount, codeSize.shape.stored, headWidth] {
            writer.append(UInt32(number))
        }
        writer.append([residualNorm, tailVariance])
        writer.append(mean)
        for numbers in [projection, heads, tails] { writer.append(numbers) }
        for numbers in [spreads, residualVariances, weights] { writer.append(numbers) }
        writer.append(layout.bits)
        writer.append(layout.steps)
        writer.append(layout.coordinates.map { UInt16(bitPattern: $0) })
        for numbers in [layout.factors, layout.firstErrors, layout.errors] { writer.append(numbers) }
        return writer.bytes
    }

    /// A model as it was stored.
    ///
    /// - Throws: `dataLoss` when the bytes are not those of a model of vectors of `dimension` numbers.
    public init(stored bytes: [UInt8], dimension: Int) throws(ImpRAGError) {
        var reader = ByteReader(bytes)
        let isOurs = reader.bytes(Self.magic.count) == Self.magic
        guard isOurs, let (lists, size) = Self.sizes(&reader, dimension: dimension) else {
            throw ImpRAGError(
                .dataLoss, "its model is not one of vectors of \(dimension) numbers, or of another version")
        }
        guard let model = Self(&reader, dimension: dimension, lists: lists, size), reader.isAtEnd else {
            throw ImpRAGError(.dataLoss, "its model has \(bytes.count) bytes, which are not those of its sizes")
        }
        guard model.isFinite, model.layout.isSound(width: model.width) else {
            throw ImpRAGError(.dataLoss, "its model holds numbers that no training finds")
        }
        self = model
    }

    /// The number of lists and the size of codes, where all other sizes are those that follow from `dimension`.
    private static func sizes(_ reader: inout ByteReader, dimension: Int) -> (lists: Int, codes: CodeSize)? {
        let width = width(dimension: dimension)
        guard reader.uint32().map({ Int($0) }) == dimension, reader.uint32().map({ Int($0) }) == width,
            let lists = reader.uint32(), (1...1 << 24).contains(lists),
            let size = reader.uint32().flatMap({ CodeShape(stored: Int($0)) }).flatMap({ CodeSize($0) }),
            reader.uint32().map({ Int($0) }) == min(width, headLimit)
        else { return nil }
        return (Int(lists), size)
    }

    private init?(_ reader: inout ByteReader, dimension: Int, lists: Int, _ size: CodeSize) {
        let width = Self.width(dimension: dimension)
        let (head, nibbles) = (min(width, Self.headLimit), 2 * size.rawValue)
        guard let residualNorm = reader.float(), let tailVariance = reader.float(),
            let mean = reader.floats(dimension), let projection = reader.bfloat16s(width * dimension),
            let heads = reader.bfloat16s(lists * head), let tails = reader.bfloat16s(lists * (width - head)),
            let spreads = reader.floats(lists), let residualVariances = reader.floats(width),
            let weights = reader.floats(width), let bits = reader.bytes(width), let steps = reader.floats(width),
            let coordinates = reader.uint16s(nibbles), let factors = reader.floats(nibbles),
            let firstErrors = reader.floats(width), let errors = reader.floats(width)
        else { return nil }
        self.init(
            dimension: dimension, width: width, listCount: lists, mean: mean, projection: projection, heads: heads,
            tails: tails, spreads: spreads, residualVariances: residualVariances, weights: weights,
            layout: CodeLayout(
                size: size, bits: bits, steps: steps, coordinates: coordinates.map { Int16(bitPattern: $0) },
                factors: factors, firstErrors: firstErrors, errors: errors),
            residualNorm: residualNorm, tailVariance: tailVariance)
    }
}

extension CodeLayout {
    /// Whether coordinates and bits are ones that there are.
    fileprivate func isSound(width: Int) -> Bool {
        coordinates.allSatisfy { $0 >= -1 && Int($0) < width } && bits.allSatisfy { [0, 4, 8].contains($0) }
    }
}
