import Kernels

/// Product quantization of heads' vectors with one codebook: a rotation, then the nearest centroid of every four
/// numbers.
struct StateQuantizer {
    let headSize: Int
    /// `[heads × head size]`.
    let means: [Float]
    /// `[head size × head size]`: row k makes rotated number k of a head's numbers.
    var rotation: [Float]
    /// For each group of four rotated numbers `[256 × 4]`.
    var centroids: [[Float]]
    let pool: WorkerPool

    private static let groupSize = StateCodebook.groupSize

    init(headSize: Int, means: [Float], rotation: [Float], centroids: [[Float]], pool: WorkerPool) {
        self.headSize = headSize
        self.means = means
        self.rotation = rotation
        self.centroids = centroids
        self.pool = pool
    }

    /// As `book` decodes: the scales go with the rotation back, so their inverses go with the rotation.
    init(_ book: StateCodebook, pool: WorkerPool) {
        let size = book.headSize
        // The basis' columns are orthogonal, each as long as `length` says.
        var rotation = [Float](repeating: 0, count: size * size)
        for k in 0..<size {
            var square: Float = 0
            for d in 0..<size {
                let number = Float(book.basis[d * size + k]) * book.scales[d]
                rotation[k * size + d] = number
                square += number * number
            }
            for d in 0..<size where square > 0 { rotation[k * size + d] /= square }
        }
        let stride = StateCodebook.centroidCount * Self.groupSize
        self.init(
            headSize: size, means: book.means, rotation: rotation,
            centroids: (0..<size / Self.groupSize).map { group in
                book.centroids[group * stride..<(group + 1) * stride].map { Float($0) }
            }, pool: pool)
    }

    /// The codes of whole tokens, `[n × heads × head size]` numbers: `[groups × n·heads]`.
    func codes(of numbers: [Float]) -> [UInt8] {
        var centred = numbers
        for first in stride(from: 0, to: numbers.count, by: means.count) {
            for column in 0..<means.count { centred[first + column] -= means[column] }
        }
        let rotated = rotate(centred)
        return centroids.indices.flatMap { nearest(to: rotated, in: $0) }
    }

    /// Rows of centred numbers, rotated.
    func rotate(_ rows: [Float]) -> [Float] {
        var rotated = [Float](repeating: 0, count: rows.count)
        multiplyTransposed(
            rows, rotation, into: &rotated, m: rows.count / headSize, n: headSize, k: headSize, pool: pool)
        return rotated
    }

    /// `[rows × 4]`: one group of all rows.
    func group(_ group: Int, of rotated: [Float]) -> [Float] {
        var part: [Float] = []
        part.reserveCapacity(rotated.count / headSize * Self.groupSize)
        for first in stride(from: group * Self.groupSize, to: rotated.count, by: headSize) {
            for place in first..<first + Self.groupSize { part.append(rotated[place]) }
        }
        return part
    }

    /// Of one group of rotated numbers `[rows × head size]`, each row's nearest centroid.
    func nearest(to rotated: [Float], in group: Int) -> [UInt8] {
        nearestCentroids(
            to: rotated, from: group * Self.groupSize, stride: headSize, count: rotated.count / headSize,
            centroids: centroids[group])
    }
}
