public import Core
import Kernels

// Codebooks, little-endian:
//
//     0   "IPCB"
//     4   version (1), uint32
//     8   first layer, number of layers, key heads, head size, uint16 each
//     16  for each layer its keys' codebook, then its values'
//
// A codebook of heads of d numbers: means [heads × d] and scales [d], float32; basis [d × d] and centroids [d / 4 × 256
// × 4], int8.

/// The codebooks of codec `pq`: one for the keys and one for the values of each layer. Immutable.
public struct StateCodebooks: Sendable {
    /// As `init(bytes:model:)` takes them.
    public let bytes: [UInt8]
    /// Digest of `bytes`. States carry it, so that no other codebooks decode them.
    let digest: UInt64

    private let layout: KeyValueLayout
    /// Keys and values of each layer.
    private let layers: [(keys: StateCodebook, values: StateCodebook)]

    /// - Throws: `dataLoss` for bytes that are no codebooks, `invalidArgument` for another model's.
    public init(bytes: [UInt8], model: LlamaModel) throws(ImpRAGError) {
        let layout = model.layout(model.middle)
        try Self.check(layout)
        var reader = ByteReader(bytes)
        guard reader.bytes(4) == Array("IPCB".utf8), reader.uint32() == 1 else {
            throw ImpRAGError(.dataLoss, "\(bytes.count) bytes are no codebooks, which begin with IPCB and version 1")
        }
        guard reader.uint16s(4) == layout.sizes else {
            throw ImpRAGError(.invalidArgument, "the codebooks were trained for a model of other sizes")
        }
        var layers: [(keys: StateCodebook, values: StateCodebook)] = []
        for layer in layout.layers {
            guard let keys = StateCodebook(&reader, layout), let values = StateCodebook(&reader, layout) else {
                throw ImpRAGError(.dataLoss, "the codebooks of layer \(layer) are cut short, or not finite")
            }
            layers.append((keys, values))
        }
        guard reader.isAtEnd else { throw ImpRAGError(.dataLoss, "bytes follow the last of the codebooks") }
        self.init(bytes: bytes, layout: layout, layers: layers)
    }

    init(layout: KeyValueLayout, layers: [(keys: StateCodebook, values: StateCodebook)]) {
        var writer = ByteWriter()
        writer.append("IPCB".utf8)
        writer.append(UInt32(1))
        writer.append(layout.sizes)
        for book in layers.flatMap({ [$0.keys, $0.values] }) {
            writer.append(book.means)
            writer.append(book.scales)
            writer.append((book.basis + book.centroids).map { UInt8(bitPattern: $0) })
        }
        self.init(bytes: writer.bytes, layout: layout, layers: layers)
    }

    private init(bytes: [UInt8], layout: KeyValueLayout, layers: [(keys: StateCodebook, values: StateCodebook)]) {
        self.bytes = bytes
        self.layout = layout
        self.layers = layers
        // FNV-1a: enough to tell trainings apart, and no protection against forgery.
        digest = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// - Throws: `invalidArgument` for head sizes that cannot be cut into groups.
    static func check(_ layout: KeyValueLayout) throws(ImpRAGError) {
        guard layout.headSize % StateCodebook.groupSize == 0 else {
            throw ImpRAGError(
                .invalidArgument,
                "codec pq needs a head size that is a multiple of \(StateCodebook.groupSize); this model's is \(layout.headSize)"
            )
        }
    }

    func fits(_ other: KeyValueLayout) -> Bool { layout.sizes == other.sizes }

    func books(layer: Int) -> (keys: StateCodebook, values: StateCodebook) {
        layers[layer - layout.layers.lowerBound]
    }

    /// Appends the codes of one layer.
    func append(_ numbers: StateNumbers, layer: Int, to bytes: inout [UInt8], pool: WorkerPool) {
        let books = books(layer: layer)
        let keys = StateQuantizer(books.keys, pool: pool).codes(of: numbers.keys)
        let values = StateQuantizer(books.values, pool: pool).codes(of: numbers.values)
        let (heads, groups) = (layout.keyHeadCount, layout.headSize / StateCodebook.groupSize)
        let rows = numbers.count * heads
        for head in 0..<heads {
            for group in 0..<groups {
                for token in 0..<numbers.count { bytes.append(keys[group * rows + token * heads + head]) }
            }
            for token in 0..<numbers.count {
                for group in 0..<groups { bytes.append(values[group * rows + token * heads + head]) }
            }
        }
    }
}

extension StateCodebook {
    /// Nil when it is cut short, or for numbers that are not finite.
    fileprivate init?(_ reader: inout ByteReader, _ layout: KeyValueLayout) {
        let size = layout.headSize
        guard let means = reader.floats(layout.keyWidth), let scales = reader.floats(size),
            let basis = reader.bytes(size * size), let centroids = reader.bytes(size * Self.centroidCount)
        else { return nil }
        // Small enough for every sum of products to be finite.
        guard (means + scales).allSatisfy({ $0.magnitude < 0x1p100 }) else { return nil }
        self.init(
            headSize: size, centroids: centroids.map { Int8(bitPattern: $0) },
            basis: basis.map { Int8(bitPattern: $0) },
            scales: scales, means: means)
    }
}
