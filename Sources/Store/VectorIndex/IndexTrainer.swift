public import Core
public import Kernels

/// Learns an `IndexModel` from a sample of a source's vectors.
public struct IndexTrainer: Sendable {
    private let source: any VectorSource
    private let pool: WorkerPool
    private let seed: UInt64

    /// Vectors that directions and variances are learnt from, and that lists are learnt from, at most.
    private static let momentSample = 24_576
    private static let listSample = 131_072
    /// Vectors a list that k-means looks at.
    private static let sampleRowsPerList = 48
    private static let steps = 9

    /// - Parameter seed: of the sample and of k-means: the same seed, rows and threads give the same model.
    public init(source: any VectorSource, pool: WorkerPool, seed: UInt64 = 1) {
        self.source = source
        self.pool = pool
        self.seed = seed
    }

    /// Bytes that training takes at its peak, beside the model itself.
    public static func workingBytes(count: Int, dimension: Int) -> ByteCount {
        let moments = min(count, momentSample)
        let lists = min(count, listSample)
        let width = IndexModel.width(dimension: dimension)
        return ByteCount(
            4 * (moments * dimension + 2 * dimension * dimension) + 4 * lists * (width + 2 * IndexModel.headLimit)
        )
    }

    /// - Parameters:
    ///   - live: the rows that the index will hold; their number decides the number of lists.
    ///   - queries: `[n × dimension]`, like those to come; from `SampleQueries.least` on they say on which coordinates codes have to
    ///     be good.
    ///   - tick: called now and then with the share that is done; throws to stop.
    /// - Throws: `failedPrecondition` when there are no vectors, `invalidArgument` when their numbers are too large, and what
    ///   the source throws.
    public func train(
        _ live: RowSet, queries: [Float] = [], tick: (Double) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> IndexModel {
        let dimension = source.dimension
        let width = IndexModel.width(dimension: dimension)
        try tick(0)
        var rows = Self.sample(live, limit: Self.listSample, seed: seed)
        if live.count >= 10 * SampleQueries.limit {
            // Nothing is learnt from calibration's queries: lists that had them in mind would suit them better than others.
            let queries = Set(Calibrator.queryRows(live))
            rows.removeAll { queries.contains($0) }
        }
        let (mean, projection, tailVariance, variances) = try directions(Array(rows.prefix(Self.momentSample)), width)
        try tick(0.2)
        var listCount = IndexModel.listCount(for: live.count)
        rows = Array(rows.prefix(max(Self.momentSample, listCount * Self.sampleRowsPerList)))
        let sample = try projected(rows, mean: mean, projection: projection, width: width)
        let total = sample.count / width
        listCount = min(listCount, total)
        try tick(0.3)
        let centroids = try lists(sample, width: width, count: listCount, tick: tick)

        // What is left of the sample after its centroids is what the code must describe.
        let assigned = min(width, IndexModel.headLimit)
        let kMeans = KMeans(width: assigned, pool: pool)
        let rounded = centroids.map { BFloat16($0).float }
        let nearest = kMeans.assign(
            Self.columns(sample, width, 0..<assigned), to: Self.columns(rounded, width, 0..<assigned))
        var residuals = sample
        var norms: Float = 0
        for row in 0..<total {
            for column in 0..<width { residuals[row * width + column] -= rounded[Int(nearest[row]) * width + column] }
            norms += Self.norm(residuals, row, width)
        }
        let residualNorm = max(norms / Float(max(1, total)), .leastNormalMagnitude)
        let (residualVariances, spreads) = Self.spreads(of: residuals, width: width, lists: nearest, count: listCount)
        for row in 0..<total {
            let norm = Self.norm(residuals, row, width)
            let factor = norm > 0 ? residualNorm / norm : 0
            for column in 0..<width { residuals[row * width + column] *= factor }
        }
        let floor = (variances.reduce(0, +) + tailVariance * Float(dimension - width)) / Float(dimension)
        let weights = Self.weights(queries, projection, variances, floor: max(floor, .leastNormalMagnitude), dimension)
        try tick(0.95)
        let fitRows = min(total, 16_384)
        let layout = CodeLayout(
            sample: residuals, rows: fitRows, width: width, weights: weights,
            segments: IndexModel.segments(dimension: dimension))
        try tick(1)
        let model = IndexModel(
            dimension: dimension, width: width, listCount: listCount, mean: mean,
            projection: projection, heads: Self.columns(centroids, width, 0..<assigned).map { BFloat16($0) },
            tails: Self.columns(centroids, width, assigned..<width).map { BFloat16($0) }, spreads: spreads,
            residualVariances: residualVariances, weights: weights,
            layout: layout,
            residualNorm: residualNorm, tailVariance: tailVariance)
        guard model.isFinite else {
            throw ImpRAGError(
                .invalidArgument, "no index can be learnt: the vectors' numbers are too large for float32")
        }
        return model
    }

    // MARK: Private

    /// At most `limit` different rows of `live`, in random order.
    static func sample(_ live: RowSet, limit: Int, seed: UInt64) -> [Int] {
        var random = SplitMix64(seed: seed)
        var rows: [Int] = []
        // Rows at random are quicker than all of them, unless most are wanted or few of the numbers are live.
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
    ) throws(ImpRAGError) -> (mean: [Float], projection: [BFloat16], tail: Float, variances: [Float]) {
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
        return (mean, directions.map { BFloat16($0) }, tail, variances)
    }

    /// The vectors of `rows` that are there, widened.
    private func vectors(_ rows: [Int]) throws(ImpRAGError) -> [Float] {
        let dimension = source.dimension
        var numbers = [Float](repeating: 0, count: rows.count * dimension)
        var found = 0
        for first in stride(from: 0, to: rows.count, by: 4096) {
            // In the order of the disk.
            let piece = rows[first..<min(first + 4096, rows.count)].sorted()
            try source.withVectors(rows: piece) { _, vector in
                widen(vector, into: &numbers, at: found * dimension)
                found += 1
            }
        }
        numbers.removeLast(numbers.count - found * dimension)
        return numbers
    }

    /// Coordinates of the vectors of `rows`: `[n × width]`.
    private func projected(
        _ rows: [Int], mean: [Float], projection: [BFloat16], width: Int
    ) throws(ImpRAGError) -> [Float] {
        let dimension = source.dimension
        let wide = projection.map(\.float)
        var result: [Float] = []
        result.reserveCapacity(rows.count * width)
        for first in stride(from: 0, to: rows.count, by: 4096) {
            var vectors = try self.vectors(Array(rows[first..<min(first + 4096, rows.count)]))
            let count = vectors.count / dimension
            for row in 0..<count { for column in 0..<dimension { vectors[row * dimension + column] -= mean[column] } }
            var coordinates = [Float](repeating: 0, count: count * width)
            multiplyTransposed(vectors, wide, into: &coordinates, m: count, n: width, k: dimension, pool: pool)
            result += coordinates
        }
        return result
    }

    /// Centroids of the sample, `[count × width]`: found by the first coordinates, then averaged over all.
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
            // An empty list keeps the place that k-means gave it, so that it may still fill.
            let share = 1 / Float(max(1, sizes[list]))
            for column in 0..<width {
                sums[list * width + column] =
                    sizes[list] > 0 || column >= assigned
                    ? sums[list * width + column] * share : found[list * assigned + column]
            }
        }
        return sums
    }

    /// Mean squares of the residuals' coordinates, and for each list the root mean square of its residuals in units of those.
    /// A list of which the sample has few vectors is taken for more usual than they say.
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

    /// How much of a query is expected on each coordinate, squared: as sample queries have it, with a little everywhere for those
    /// unlike them; without queries, as the vectors themselves have it, with more everywhere.
    private static func weights(
        _ queries: [Float], _ projection: [BFloat16], _ variances: [Float], floor: Float, _ dimension: Int
    ) -> [Float] {
        let (count, width) = (queries.count / dimension, variances.count)
        guard count >= SampleQueries.least else { return variances.map { $0 + floor } }
        var coordinates = [Float](repeating: 0, count: count * width)
        multiply(queries.span, projection.span, into: &coordinates, m: count, n: width)
        var squares = [Float](repeating: 0, count: width)
        for place in coordinates.indices { squares[place % width] += coordinates[place] * coordinates[place] }
        let mean = squares.reduce(0, +) / Float(width)
        return squares.map { ($0 + 0.1 * mean) / Float(count) }
    }

    /// Some columns of rows of `width`.
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
