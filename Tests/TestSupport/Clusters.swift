/// Vectors around centres that lie around the origin, with less and less variance along later coordinates, as
/// embeddings have.
public struct Clusters {
    public let dimension: Int
    private let centres: [Float]
    private var random: SeededGenerator

    public init(dimension: Int, count: Int, seed: UInt64) {
        self.dimension = dimension
        var random = SeededGenerator(seed: seed)
        centres = (0..<count * dimension).map { Self.normal(&random) * Self.size($0 % dimension, dimension) }
        self.random = random
    }

    /// `count` more vectors: never the same ones again.
    public mutating func next(_ count: Int) -> [Float] {
        var vectors: [Float] = []
        vectors.reserveCapacity(count * dimension)
        for _ in 0..<count {
            let centre = Int.random(in: 0..<centres.count / dimension, using: &random)
            for column in 0..<dimension {
                let noise = 0.6 * Self.normal(&random) * Self.size(column, dimension)
                vectors.append(centres[centre * dimension + column] + noise)
            }
        }
        return vectors
    }

    private static func size(_ column: Int, _ dimension: Int) -> Float {
        1 / (1 + 8 * Float(column) / Float(dimension)).squareRoot()
    }

    /// Near enough to a normal number: a sum of four even ones, variance 1.
    private static func normal(_ random: inout SeededGenerator) -> Float {
        let bits = random.next()
        let sum = (0..<4).reduce(0) { $0 + Float(bits >> UInt64($1 * 16) & 0xFFFF) }
        return (sum / 65535 - 2) * 1.732
    }
}
