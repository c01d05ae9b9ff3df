public import Core
public import Kernels

/// Assigns vectors to lists and codes them, with one model; shared by all threads.
public struct VectorEncoder: Sendable {
    /// Vectors as the index holds them.
    public struct Encoded: Sendable {
        /// `[n]`.
        public var lists: [Int32] = []
        /// `[n × codeSize]`.
        public var codes: [UInt8] = []
        /// `[n]`.
        public var scales: [BFloat16] = []
        /// Mean over the vectors of |y − coded y|² / |y|², for detecting that vectors have drifted away from the model.
        public var relativeError = 0.0
    }

    public let model: IndexModel
    // Widened once: the matrix products run in float32.
    private let projection: [Float]
    private let heads: [Float]
    private let tails: [Float]
    private let halfNorms: [Float]

    /// Vectors coded by one thread at a time.
    private static let pieceRows = 256

    public init(_ model: IndexModel) {
        self.model = model
        projection = model.projection.map(\.float)
        heads = model.heads.map(\.float)
        tails = model.tails.map(\.float)
        halfNorms = KMeans.halfNorms(heads, width: model.headWidth)
    }

    /// - Parameter vectors: `[n × dimension]`, finite.
    public func encode(_ vectors: [Float], pool: WorkerPool) -> Encoded {
        let dimension = model.dimension
        let count = vectors.count / dimension
        let pieces = pool.map((count + Self.pieceRows - 1) / Self.pieceRows) { piece in
            let first = piece * Self.pieceRows
            let end = min(first + Self.pieceRows, count)
            return encodePiece(Array(vectors[(first * dimension)..<(end * dimension)]), pool)
        }
        var all = Encoded()
        for piece in pieces {
            all.lists += piece.lists
            all.codes += piece.codes
            all.scales += piece.scales
            all.relativeError += piece.relativeError * Double(piece.lists.count)
        }
        all.relativeError /= Double(max(1, count))
        return all
    }

    private func encodePiece(_ vectors: [Float], _ pool: WorkerPool) -> Encoded {
        let (dimension, width) = (model.dimension, model.width)
        let count = vectors.count / dimension
        var centred = vectors
        for row in 0..<count { for column in 0..<dimension { centred[row * dimension + column] -= model.mean[column] } }
        var coordinates = [Float](repeating: 0, count: count * width)
        multiplyTransposed(centred, projection, into: &coordinates, m: count, n: width, k: dimension, pool: pool)
        let head = model.headWidth
        var encoded = Encoded()
        encoded.lists = KMeans.nearest(
            IndexTrainer.columns(coordinates, width, 0..<head), rows: count, width: head, centroids: heads,
            halfNorms: halfNorms, pool: pool)
        encoded.codes.reserveCapacity(count * model.codeSize.rawValue)
        var residual = [Float](repeating: 0, count: width)
        for row in 0..<count {
            var (norm, whole): (Float, Float) = (0, 0)
            let list = Int(encoded.lists[row])
            for column in 0..<width {
                let coordinate = coordinates[row * width + column]
                let centroid =
                    column < head ? heads[list * head + column] : tails[list * (width - head) + column - head]
                residual[column] = coordinate - centroid
                norm += residual[column] * residual[column]
                whole += coordinate * coordinate
            }
            norm = norm.squareRoot()
            let (scale, error) = appendCode(of: residual, norm: norm, to: &encoded.codes)
            encoded.scales.append(BFloat16(scale))
            encoded.relativeError += whole > 0 ? Double(error / whole) : 0
        }
        encoded.relativeError /= Double(max(1, count))
        return encoded
    }

    /// Appends the code of `residual`, whose norm is `norm`.
    ///
    /// The residual is scaled to the model's norm and each coordinate is rounded to the middle of its cell. Then the
    /// scale is chosen that brings the code closest to the residual, in the norm weighted by queries' expected energy.
    ///
    /// - Returns: the scale, and the remaining squared error.
    private func appendCode(of residual: [Float], norm: Float, to codes: inout [UInt8]) -> (scale: Float, error: Float)
    {
        let layout = model.layout
        let factor = norm > 0 ? model.residualNorm / norm : 0
        var (product, square): (Float, Float) = (0, 0)
        var (plainProduct, plainSquare): (Float, Float) = (0, 0)
        var nibble = 0
        let nibbles = layout.coordinates.count
        var pending: UInt8 = 0
        func push(_ value: UInt8) {
            if nibble % 2 == 0 {
                pending = value
            } else {
                codes.append(pending | value << 4)
            }
            nibble += 1
        }
        while nibble < nibbles {
            let coordinate = Int(layout.coordinates[nibble])
            guard coordinate >= 0 else {
                push(0)
                continue
            }
            let step = layout.steps[coordinate]
            let half: Float = layout.bits[coordinate] == 8 ? 128 : 8
            let value = residual[coordinate] * factor
            let cell = max(-half, min(half - 1, (value / step).rounded(.down)))
            let coded = (cell + 0.5) * step
            product += model.weights[coordinate] * value * coded
            square += model.weights[coordinate] * coded * coded
            plainProduct += value * coded
            plainSquare += coded * coded
            let number = Int(cell + half)
            if half == 128 { push(UInt8(truncatingIfNeeded: number >> 4)) }
            push(UInt8(truncatingIfNeeded: number & 15))
        }
        guard factor > 0, square > 0 else { return (0, norm * norm) }
        let scale = product / square
        let left = (1 / (factor * factor)) * (scale * scale * plainSquare - 2 * scale * plainProduct)
        return (scale / factor, max(0, norm * norm + left))
    }
}
