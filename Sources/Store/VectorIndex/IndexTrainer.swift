public import Core
public import Kernels

/// Learns an `IndexModel` from a sample of a source's vectors.
public struct IndexTrainer: Sendable {
    private let source: any VectorSource
    private let pool: WorkerPool
    private let codeSize: CodeSize
    private let seed: UInt64

    /// The largest samples for directions and variances, and for lists.
    private static let momentSample = 24_576
    private static let listSample = 131_072
    /// Sample vectors per list for k-means.
    private static let sampleRowsPerList = 48
    private static let steps = 9
    /// Vectors that the code is fitted to, at most.
    private static let fitSample = 16_384

    /// - Parameters:
    ///   - codeSize: nil takes the usual one.
    ///   - seed: of the sample and of k-means. The same seed and rows give the same model, whatever the number of
    ///     threads.
    public init(source: any VectorSource, pool: WorkerPool, codeSize: CodeSize? = nil, seed: UInt64 = 1) {
        self.source = source
        self.pool = pool
        self.codeSize = codeSize ?? .usual(dimension: source.dimension)
        self.seed = seed
    }

    /// Peak memory of training, beside the model itself.
    public static func workingBytes(count: Int, dimension: Int) -> ByteCount {
        let moments = min(count, momentSample)
        let lists = min(count, listSample)
        let width = IndexModel.width(dimension: dimension)
        return ByteCount(
            4 * (moments * dimension + 2 * dimension * dimension) + 4 * lists * (width + 2 * IndexModel.headLimit)
        )
    }

    /// - Parameters:
    ///   - live: the rows of the index; their number decides the number of lists.
    ///   - queries: `[n × dimension]`, like those to come. With at least `SampleQueries.least` of them, the code is
    ///     fitted to the coordinates where they have their energy.
    ///   - tick: called now and then with the share that is done; throws to stop.
    /// - Throws: `failedPrecondition` when there are no vectors, `invalidArgument` when their numbers are too large,
    ///   and what the source throws.
    public func train(
        _ live: RowSet, queries: [Float] = [], tick: (Double) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> IndexModel {
        let dimension = source.dimension
        let width = IndexModel.width(dimension: dimension)
        let head = min(width, IndexModel.headLimit)
        try tick(0)
        let rows = trainingRows(live)
        let basis = try directions(Array(rows.prefix(Self.momentSample)), width)
        try tick(0.2)
        let wanted = IndexModel.listCount(for: live.count)
        let sample = try projected(
            Array(rows.prefix(max(Self.momentSample, wanted * Self.sampleRowsPerList))), basis, width)
        let total = sample.count / width
        let listCount = min(wanted, total)
        try tick(0.3)
        let centroids = try lists(sample, width: width, count: listCount, tick: tick)
        // The residuals are what the code must describe.
        let residuals = residuals(of: sample, width: width, centroids: centroids.map { BFloat16($0).float })
        let weights = Self.weights(queries, basis, dimension)
        try tick(0.95)
        let layout = CodeLayout(
            sample: residuals.scaled, rows: min(total, Self.fitSample), width: width, weights: weights,
            size: codeSize)
        try tick(1)
        let model = IndexModel(
            dimension: dimension, width: width, listCount: listCount, mean: basis.mean, projection: basis.projection,
            heads: Self.columns(centroids, width, 0..<head).map { BFloat16($0) },
            tails: Self.columns(centroids, width, head..<width).map { BFloat16($0) }, spreads: residuals.spreads,
            residualVariances: residuals.variances, weights: weights, layout: layout, residualNorm: residuals.norm,
            tailVariance: basis.tailVariance)
        guard model.isFinite else {
            throw ImpRAGError(
                .invalidArgument, "no index can be learnt: the vectors' numbers are too large for float32")
        }
        return model
    }

    // MARK: Private

    /// Principal directions of the vectors.
    private struct Basis {
        /// `[dimension]`.
        let mean: [Float]
        /// `[width × dimension]`.
        let projection: [BFloat16]
        /// `[width]`: variances along the directions.
        let variances: [Float]
        /// Mean variance along a direction that is not kept.
        let tailVariance: Float
    }

    /// What is left of a sample's vectors without their centroids.
    private struct Residuals {
        /// The mean of their norms.
        let norm: Float
        /// As in `IndexModel`.
        let variances: [Float]
        let spreads: [Float]
        /// `[n × width]`: all brought to that norm.
        let scaled: [Float]
    }

    /// Rows to learn from, in random order.
    private func trainingRows(_ live: RowSet) -> [Int] {
        let rows = Self.sample(live, limit: Self.listSample, seed: seed)
        guard live.count >= 10 * SampleQueries.limit else { return rows }
        // Calibration queries are held out: lists trained on them would favour them over other queries.
        let queries = Set(Calibrator.queryRows(live))
        return rows.filter { !queries.contains($0) }
    }

    /// At most `limit` distinct rows of `live`, in random order.
    static func sample(_ live: RowSet, limit: Int, seed: UInt64) -> [Int] {
        var random = SplitMix64(seed: seed)
        var rows: [Int] = []
        // Drawing rows beats listing them all, unless most are wanted or few row numbers are live.
        guard live.count > limit * 2, live.count > live.bitCount / 8 else {
            live.forEach { rows.append($0) }
            return Array(rows.shuffled(using: &random).prefix(limit))
        }
        var seen: Set<Int> = []
        while rows.count < limit {
            let row = Int.random(in: 0..<live.bitCount, using: &random)
            if live.contains(row), seen.insert(row).inserted { rows.append(row) }
        }
        return rows
    }

    /// Mean and directions of largest variance (principal components) of the vectors of `rows`.
    private func directions(
        _ rows: [Int], _ width: Int
    ) throws(ImpRAGError) -> Basis {
        let dimension = source.dimension
        var vectors = try self.vectors(rows)
        let count = vectors.count / dimension
        guard count > 0 else {
            throw ImpRAGError(.failedPrecondition, "there are no vectors to learn an index from")
        }
        var sums = [Double](repeating: 0, count: dimension)
        for row in 0..<count {
            for column in 0..<dimension { sums[column] += Double(vectors[row * dimension + column]) }
        }
        let mean = sums.map { Float($0 / Double(count)) }
        for row in 0..<count { for column in 0..<dimension { vectors[row * dimension + column] -= mean[column] } }
        var moments = [Float](repeating: 0, count: dimension * dimension)
        addSecondMoments(of: vectors, rows: count, width: dimension, to: &moments)
        guard let (values, directions) = largestEigenvectors(of: moments, width: dimension, wanted: width) else {
            throw ImpRAGError(
                .invalidArgument, "the vectors have no principal directions: their numbers are too large for float32")
        }
        var trace: Float = 0
        for column in 0..<dimension { trace += moments[column * dimension + column] }
        let share = 1 / Float(count)
        let variances = values.map { max(0, $0 * share) }
        let tail =
            dimension > width ? max(0, trace * share - variances.reduce(0, +)) / Float(dimension - width) : 0
        return Basis(
            mean: mean, projection: directions.map { BFloat16($0) }, variances: variances, tailVariance: tail)
    }

    /// The vectors of `rows` that are there, widened.
    private func vectors(_ rows: [Int]) throws(ImpRAGError) -> [Float] {
        let dimension = source.dimension
        var numbers = [Float](repeating: 0, count: rows.count * dimension)
        var found = 0
        for first in stride(from: 0, to: rows.count, by: 4096) {
            // In disk order.
            let piece = rows[first..<min(first + 4096, rows.count)].sorted()
            try source.withVectors(rows: piece) { _, vector in
                widen(vector, into: &numbers, at: found * dimension)
                found += 1
            }
        }
        numbers.removeLast(numbers.count - found * dimension)
        return numbers
    }

    /// The coordinates of the vectors of `rows`: `[n × width]`.
    private func projected(_ rows: [Int], _ basis: Basis, _ width: Int) throws(ImpRAGError) -> [Float] {
        let dimension = source.dimension
        let wide = basis.projection.map(\.float)
        var result: [Float] = []
        result.reserveCapacity(rows.count * width)
        for first in stride(from: 0, to: rows.count, by: 4096) {
            var vectors = try self.vectors(Array(rows[first..<min(first + 4096, rows.count)]))
            let count = vectors.count / dimension
            for row in 0..<count {
                for column in 0..<dimension { vectors[row * dimension + column] -= basis.mean[column] }
            }
            var coordinates = [Float](repeating: 0, count: count * width)
            multiplyTransposed(vectors, wide, into: &coordinates, m: count, n: width, k: dimension, pool: pool)
            result += coordinates
        }
        return result
    }

    /// The sample's centroids, `[count × width]`: k-means on the leading coordinates, then means over all of them.
    private func lists(
        _ sample: [Float], width: Int, count: Int, tick: (Double) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [Float] {
        let assigned = min(width, IndexModel.headLimit)
        let kMeans = KMeans(width: assigned, pool: pool)
        let head = Self.columns(sample, width, 0..<assigned)
        let found = try kMeans.centroids(of: head, count: count, steps: Self.steps, seed: seed) {
            share throws(ImpRAGError) in try tick(0.3 + 0.6 * share)
        }
        let nearest = kMeans.assign(head, to: found)
        var sums = [Float](repeating: 0, count: count * width)
        var sizes = [Int](repeating: 0, count: count)
        for (row, list) in nearest.enumerated() {
            sizes[Int(list)] += 1
            for column in 0..<width { sums[Int(list) * width + column] += sample[row * width + column] }
        }
        for list in 0..<count {
            // An empty list keeps its k-means centroid, so that later vectors may still fill it.
            let share = 1 / Float(max(1, sizes[list]))
            for column in 0..<width {
                sums[list * width + column] =
                    sizes[list] > 0 || column >= assigned
                    ? sums[list * width + column] * share : found[list * assigned + column]
            }
        }
        return sums
    }

    /// - Parameter centroids: `[lists × width]`, rounded as the model keeps them.
    private func residuals(of sample: [Float], width: Int, centroids: [Float]) -> Residuals {
        let head = min(width, IndexModel.headLimit)
        let nearest = KMeans(width: head, pool: pool).assign(
            Self.columns(sample, width, 0..<head), to: Self.columns(centroids, width, 0..<head))
        var residuals = sample
        var norms: Float = 0
        for (row, list) in nearest.enumerated() {
            for column in 0..<width { residuals[row * width + column] -= centroids[Int(list) * width + column] }
            norms += Self.norm(residuals, row, width)
        }
        let norm = max(norms / Float(max(1, nearest.count)), .leastNormalMagnitude)
        let (variances, spreads) = Self.spreads(
            of: residuals, width: width, lists: nearest, count: centroids.count / width)
        for row in nearest.indices {
            let own = Self.norm(residuals, row, width)
            let factor = own > 0 ? norm / own : 0
            for column in 0..<width { residuals[row * width + column] *= factor }
        }
        return Residuals(norm: norm, variances: variances, spreads: spreads, scaled: residuals)
    }

    /// Mean squares of the residuals' coordinates, and each list's root mean square residual relative to them, shrunk
    /// towards 1 for lists with few sample vectors.
    private static func spreads(
        of residuals: [Float], width: Int, lists: [Int32], count: Int
    ) -> (variances: [Float], spreads: [Float]) {
        let total = lists.count
        var variances = [Float](repeating: 0, count: width)
        for row in 0..<total {
            for column in 0..<width {
                variances[column] += residuals[row * width + column] * residuals[row * width + column]
            }
        }
        variances = variances.map { $0 / Float(max(1, total)) }
        let inverses = variances.map { $0 > .leastNormalMagnitude ? 1 / $0 : 0 }
        let usual: Float = 4
        var squares = [Float](repeating: usual, count: count)
        var sizes = [Float](repeating: usual, count: count)
        for row in 0..<total {
            var sum: Float = 0
            for column in 0..<width {
                sum += residuals[row * width + column] * residuals[row * width + column] * inverses[column]
            }
            squares[Int(lists[row])] += sum / Float(width)
            sizes[Int(lists[row])] += 1
        }
        return (variances, zip(squares, sizes).map { ($0 / $1).squareRoot() })
    }

    /// Expected squares of a query's coordinates: those of the sample queries, with a small floor for queries unlike
    /// them; without queries, the variances of the vectors themselves, with a larger floor.
    private static func weights(_ queries: [Float], _ basis: Basis, _ dimension: Int) -> [Float] {
        let (variances, width) = (basis.variances, basis.variances.count)
        let count = queries.count / dimension
        guard count >= SampleQueries.least else {
            let all = variances.reduce(0, +) + basis.tailVariance * Float(dimension - width)
            let floor = max(all / Float(dimension), .leastNormalMagnitude)
            return variances.map { $0 + floor }
        }
        var coordinates = [Float](repeating: 0, count: count * width)
        multiply(queries.span, basis.projection.span, into: &coordinates, m: count, n: width)
        var squares = [Float](repeating: 0, count: width)
        for place in coordinates.indices { squares[place % width] += coordinates[place] * coordinates[place] }
        let mean = squares.reduce(0, +) / Float(width)
        return squares.map { ($0 + 0.1 * mean) / Float(count) }
    }

    /// The columns `kept` of rows of `width` numbers.
    static func columns(_ rows: [Float], _ width: Int, _ kept: Range<Int>) -> [Float] {
        guard kept.count < width else { return rows }
        var result: [Float] = []
        appendColumns(
            of: rows, rows: rows.count / width, stride: width, column: kept.lowerBound, width: kept.count, to: &result)
        return result
    }

    private static func norm(_ rows: [Float], _ row: Int, _ width: Int) -> Float {
        var sum: Float = 0
        for column in 0..<width { sum += rows[row * width + column] * rows[row * width + column] }
        return sum.squareRoot()
    }
}
