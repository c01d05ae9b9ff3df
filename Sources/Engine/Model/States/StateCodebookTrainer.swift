import Core
import Kernels

/// Trains the codebook of one layer's keys or values by optimized product quantization: it alternates k-means in every
/// group with the rotation that brings the vectors nearest to their reconstructions.
///
/// Source: Ge, He, Ke, Sun, "Optimized Product Quantization for Approximate Nearest Neighbor Search" (CVPR 2013).
struct StateCodebookTrainer {
    private var quantizer: StateQuantizer
    /// `[rows × head size]`, around the means.
    private let rows: [Float]
    private let rowCount: Int
    private var random: SplitMix64

    private static let rounds = 12
    /// With the rotation as it is.
    private static let lastRounds = 4
    private static let groupSize = StateCodebook.groupSize

    /// - Parameter tokens: `[n × heads × head size]`, finite, n ≥ 1.
    init(_ tokens: [Float], headSize: Int, keyWidth: Int, seed: UInt64, pool: WorkerPool) {
        var means = [Float](repeating: 0, count: keyWidth)
        for first in stride(from: 0, to: tokens.count, by: keyWidth) {
            for column in 0..<keyWidth { means[column] += tokens[first + column] }
        }
        let share = Float(keyWidth) / Float(tokens.count)
        for column in 0..<keyWidth { means[column] *= share }
        var rows = tokens
        for first in stride(from: 0, to: tokens.count, by: keyWidth) {
            for column in 0..<keyWidth { rows[first + column] -= means[column] }
        }
        self.rows = rows
        rowCount = rows.count / headSize
        random = SplitMix64(seed: seed)
        quantizer = StateQuantizer(
            headSize: headSize, means: means, rotation: Self.balancedAxes(of: rows, headSize), centroids: [], pool: pool
        )
    }

    mutating func train() -> StateCodebook {
        let size = quantizer.headSize
        var rotated = quantizer.rotate(rows)
        quantizer.centroids = (0..<size / Self.groupSize).map { group in
            let part = quantizer.group(group, of: rotated)
            return (0..<StateCodebook.centroidCount).flatMap { _ in
                let first = Int.random(in: 0..<rowCount, using: &random) * Self.groupSize
                return part[first..<first + Self.groupSize]
            }
        }
        for _ in 0..<Self.rounds {
            turn(towards: step(rotated, reseeds: true))
            rotated = quantizer.rotate(rows)
        }
        for round in 0..<Self.lastRounds { _ = step(rotated, reseeds: round < Self.lastRounds / 2) }
        return rounded()
    }

    /// One step of k-means in all groups. Returns the reconstructions before it, `[rows × head size]`, rotated.
    private mutating func step(_ rotated: [Float], reseeds: Bool) -> [Float] {
        let size = quantizer.headSize
        var meant = rotated
        for group in quantizer.centroids.indices {
            let part = quantizer.group(group, of: rotated)
            let codes = quantizer.nearest(to: rotated, in: group)
            var sums = [Float](repeating: 0, count: quantizer.centroids[group].count)
            var counts = [Int](repeating: 0, count: StateCodebook.centroidCount)
            for (row, code) in codes.enumerated() {
                counts[Int(code)] += 1
                for place in 0..<Self.groupSize {
                    meant[row * size + group * Self.groupSize + place] =
                        quantizer.centroids[group][Int(code) * Self.groupSize + place]
                    sums[Int(code) * Self.groupSize + place] += part[row * Self.groupSize + place]
                }
            }
            for code in counts.indices {
                // A centroid without vectors moves to a random one.
                let drawn = counts[code] == 0 && reseeds ? Int.random(in: 0..<rowCount, using: &random) : nil
                guard counts[code] > 0 || drawn != nil else { continue }
                for place in 0..<Self.groupSize {
                    let index = code * Self.groupSize + place
                    quantizer.centroids[group][index] =
                        drawn.map { part[$0 * Self.groupSize + place] } ?? sums[index] / Float(counts[code])
                }
            }
        }
        return meant
    }

    /// The rotation that brings the rows nearest to `meant` (orthogonal Procrustes): the orthogonal factor of meantᵀ ·
    /// rows.
    private mutating func turn(towards meant: [Float]) {
        let size = quantizer.headSize
        var product = [Float](repeating: 0, count: size * size)
        multiplyTransposed(
            Self.transposed(meant, width: size), Self.transposed(rows, width: size), into: &product, m: size, n: size,
            k: rowCount, pool: quantizer.pool)
        let norm = Self.norm(product)
        guard norm > 0, norm.isFinite else { return }
        // A little of the current rotation keeps directions without variance in place.
        var factor = zip(product, quantizer.rotation).map { $0 / norm + 1e-4 * $1 }
        let shrink = 1 / Self.norm(factor)
        for index in factor.indices { factor[index] *= shrink }
        // Newton and Schulz: 1.5 R − 0.5 R Rᵀ R draws every singular value between 0 and √3 towards 1.
        var (square, cube) = (product, product)
        for _ in 0..<60 {
            multiplyTransposed(factor, factor, into: &square, m: size, n: size, k: size, pool: quantizer.pool)
            multiplyTransposed(
                square, Self.transposed(factor, width: size), into: &cube, m: size, n: size, k: size,
                pool: quantizer.pool)
            for index in factor.indices { factor[index] = 1.5 * factor[index] - 0.5 * cube[index] }
        }
        quantizer.rotation = factor
    }

    /// The codebook, rounded to integers.
    private func rounded() -> StateCodebook {
        let size = quantizer.headSize
        let centroids = quantizer.centroids.flatMap(\.self)
        let step = max(centroids.reduce(0) { max($0, abs($1)) } / 127, .leastNormalMagnitude)
        var basis: [Int8] = []
        var scales: [Float] = []
        for d in 0..<size {
            let row = (0..<size).map { quantizer.rotation[$0 * size + d] }
            let unit = max(row.reduce(0) { max($0, abs($1)) } / 127, .leastNormalMagnitude)
            basis += row.map { Int8(($0 / unit).rounded()) }
            scales.append(unit * step)
        }
        return StateCodebook(
            headSize: size, centroids: centroids.map { Int8(($0 / step).rounded()) }, basis: basis, scales: scales,
            means: quantizer.means)
    }

    /// The rows' principal axes, allocated to groups of about equal variance: the largest goes to the group with the
    /// smallest product of variances so far.
    private static func balancedAxes(of rows: [Float], _ size: Int) -> [Float] {
        var moments = [Float](repeating: 0, count: size * size)
        addSecondMoments(of: rows, rows: rows.count / size, width: size, to: &moments)
        guard let axes = largestEigenvectors(of: moments, width: size, wanted: size) else {
            return (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 }
        }
        let floor = max(axes.values[0] * 1e-7, .leastNormalMagnitude)
        var groups = [[Int]](repeating: [], count: size / groupSize)
        var products = [Float](repeating: 1, count: groups.count)
        for axis in 0..<size {
            let open = groups.indices.filter { groups[$0].count < groupSize }
            guard let group = open.min(by: { products[$0] < products[$1] }) else { break }
            groups[group].append(axis)
            products[group] *= max(axes.values[axis], floor) / max(axes.values[0], floor)
        }
        return groups.joined().flatMap { axes.vectors[$0 * size..<($0 + 1) * size] }
    }

    private static func transposed(_ rows: [Float], width: Int) -> [Float] {
        let count = rows.count / width
        var columns = [Float](repeating: 0, count: rows.count)
        for row in 0..<count {
            for column in 0..<width { columns[column * count + row] = rows[row * width + column] }
        }
        return columns
    }

    private static func norm(_ numbers: [Float]) -> Float {
        numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}
