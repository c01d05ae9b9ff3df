import Kernels

/// Reads the little-endian numbers of codebooks; nil or empty where they are cut short.
struct StateReader {
    private let stored: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        stored = bytes
    }

    var isAtEnd: Bool { place == stored.count }

    /// Empty beyond the end.
    mutating func bytes(_ count: Int) -> [UInt8] {
        guard count <= stored.count - place else { return [] }
        defer { place += count }
        return Array(stored[place..<place + count])
    }

    mutating func number(bytes count: Int) -> UInt32 {
        bytes(count).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Nil when cut short, or for numbers that are not finite.
    mutating func codebook(_ layout: KeyValueLayout) -> StateCodebook? {
        let size = layout.headSize
        let (means, scales) = (layout.keyWidth, size)
        let (basis, centroids) = (size * size, size * StateCodebook.centroidCount)
        guard 4 * (means + scales) + basis + centroids <= stored.count - place else { return nil }
        let floats = (0..<means + scales).map { _ in Float(bitPattern: number(bytes: 4)) }
        // Small enough for every sum of products to be finite.
        guard floats.allSatisfy({ $0.magnitude < 0x1p100 }) else { return nil }
        let whole = bytes(basis + centroids).map { Int8(bitPattern: $0) }
        return StateCodebook(
            headSize: size, centroids: Array(whole[basis...]), basis: Array(whole[..<basis]),
            scales: Array(floats[means...]), means: Array(floats[..<means]))
    }
}
