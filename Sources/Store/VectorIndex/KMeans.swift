internal import Core
internal import Kernels

/// Lloyd's k-means over rows in memory; the distances of a step are one matrix product.
///
/// Balanced by reseeding: a list with less than a quarter of its fair share moves next to the centroid of one of the
/// largest, so that a crowded region is split.
struct KMeans {
    let width: Int
    let pool: WorkerPool

    private static let pieceRows = 512

    /// - Parameters:
    ///   - rows: `[n × width]`, n ≥ `count`, in random order: the first half of the steps uses a third of them, which
    ///     is enough while centroids are far from converged.
    ///   - tick: called before every step with the share that is done; throws to stop.
    /// - Returns: centroids, `[count × width]`.
    func centroids<Failure>(
        of rows: [Float], count: Int, steps: Int, seed: UInt64, tick: (Double) throws(Failure) -> Void
    ) throws(Failure) -> [Float] {
        let total = rows.count / width
        precondition(count >= 1 && total >= count, "\(count) lists of \(total) rows")
        var random = SplitMix64(seed: seed)
        var order = Array(0..<total)
        var centroids: [Float] = []
        for place in 0..<count {
            order.swapAt(place, Int.random(in: place..<total, using: &random))
            centroids += rows[(order[place] * width)..<((order[place] + 1) * width)]
        }
        for step in 0..<steps {
            try tick(Double(step) / Double(steps))
            let seen = step < steps / 2 ? max(total / 3, min(total, 16 * count)) : total
            let lists = assign(seen < total ? Array(rows[..<(seen * width)]) : rows, to: centroids)
            var sums = [Float](repeating: 0, count: centroids.count)
            var sizes = [Int](repeating: 0, count: count)
            for (row, list) in lists.enumerated() {
                sizes[Int(list)] += 1
                let (from, to) = (row * width, Int(list) * width)
                for column in 0..<width { sums[to + column] += rows[from + column] }
            }
            for list in 0..<count where sizes[list] > 0 {
                let share = 1 / Float(sizes[list])
                for column in 0..<width { centroids[list * width + column] = sums[list * width + column] * share }
            }
            if step < steps - 2 { reseed(&centroids, sizes, total: seen, using: &random) }
        }
        return centroids
    }

    /// The nearest centroid of each row.
    func assign(_ rows: [Float], to centroids: [Float]) -> [Int32] {
        let width = width
        let total = rows.count / width
        let halves = Self.halfNorms(centroids, width: width)
        return pool.map((total + Self.pieceRows - 1) / Self.pieceRows) { piece in
            let first = piece * Self.pieceRows
            let end = min(first + Self.pieceRows, total)
            return Self.nearest(
                Array(rows[(first * width)..<(end * width)]), rows: end - first, width: width, centroids: centroids,
                halfNorms: halves, pool: pool)
        }.flatMap { $0 }
    }

    /// Half of the squared norm of each centroid.
    static func halfNorms(_ centroids: [Float], width: Int) -> [Float] {
        (0..<centroids.count / width).map { list in
            var sum: Float = 0
            for column in 0..<width { sum += centroids[list * width + column] * centroids[list * width + column] }
            return sum / 2
        }
    }

    /// The nearest centroid of each of a few rows: the one with the largest row · centroid − |centroid|² / 2.
    static func nearest(
        _ rows: [Float], rows count: Int, width: Int, centroids: [Float], halfNorms: [Float], pool: WorkerPool
    ) -> [Int32] {
        let lists = halfNorms.count
        var products = [Float](repeating: 0, count: count * lists)
        multiplyTransposed(rows, centroids, into: &products, m: count, n: lists, k: width, pool: pool)
        return (0..<count).map { row in
            Int32(indexOfLargestDifference(products, from: row * lists, minus: halfNorms))
        }
    }

    private func reseed(
        _ centroids: inout [Float], _ sizes: [Int], total: Int, using random: inout SplitMix64
    ) {
        let fair = Double(total) / Double(sizes.count)
        let small = sizes.indices.filter { Double(sizes[$0]) < fair / 4 }
        let large = sizes.indices.sorted { sizes[$0] > sizes[$1] }
        for (list, donor) in zip(small, large) where Double(sizes[donor]) > fair * 1.5 {
            for column in 0..<width {
                let value = centroids[donor * width + column]
                let nudge = 1 + 0.02 * Float.random(in: -1...1, using: &random)
                centroids[list * width + column] = value * nudge
            }
        }
    }
}
