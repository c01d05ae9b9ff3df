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
        var reader = StateReader(bytes)
        guard reader.bytes(4) == Array("IPCB".utf8), reader.number(bytes: 4) == 1 else {
            throw ImpRAGError(.dataLoss, "\(bytes.count) bytes are no codebooks, which begin with IPCB and version 1")
        }
        guard reader.bytes(8) == Self.sizes(layout).bytes else {
            throw ImpRAGError(.invalidArgument, "the codebooks were trained for a model of other sizes")
        }
        var layers: [(keys: StateCodebook, values: StateCodebook)] = []
        for layer in layout.layers {
            guard let keys = reader.codebook(layout), let values = reader.codebook(layout) else {
                throw ImpRAGError(.dataLoss, "the codebooks of layer \(layer) are cut short, or not finite")
            }
            layers.append((keys, values))
        }
        guard reader.isAtEnd else { throw ImpRAGError(.dataLoss, "bytes follow the last of the codebooks") }
        self.init(bytes: bytes, layout: layout, layers: layers)
    }

    init(layout: KeyValueLayout, layers: [(keys: StateCodebook, values: StateCodebook)]) {
        var writer = StateWriter(Array("IPCB".utf8))
        writer.put(UInt32(1))
        var bytes = writer.bytes + Self.sizes(layout).bytes
        for (keys, values) in layers {
            for book in [keys, values] {
                var writer = StateWriter([])
                writer.put(book.means)
                writer.put(book.scales)
                writer.put(book.basis)
                writer.put(book.centroids)
                bytes += writer.bytes
            }
        }
        self.init(bytes: bytes, layout: layout, layers: layers)
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

    private static func sizes(_ layout: KeyValueLayout) -> StateWriter {
        var writer = StateWriter([])
        for size in [layout.layers.lowerBound, layout.layers.count, layout.keyHeadCount, layout.headSize] {
            writer.put(UInt16(size))
        }
        return writer
    }

    func fits(_ other: KeyValueLayout) -> Bool { Self.sizes(layout).bytes == Self.sizes(other).bytes }

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
