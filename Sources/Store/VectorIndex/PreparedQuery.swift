internal import Core
internal import Kernels

/// What a search knows of its query before it looks at any code.
struct PreparedQuery {
    /// query · mean: part of every estimate.
    let base: Float
    /// Standard deviation of an estimate's error, and of the error of one from the first segment alone.
    let deviation: Float
    let firstDeviation: Float
    /// What a list's spread adds to its rank: see `spreadWeight`.
    let spread: Float

    /// The best of a list is likely better than its centroid, by as many standard deviations of a residual's inner product with
    /// the query: 3 for the largest of a hundred normal numbers, less for one that merely is among the best of all. 1 to 2 does
    /// about equally well, as measured (docs/vector-index.md).
    private static let spreadWeight: Float = 1.5

    /// Loads the weights of the query at work in `workspace` into its scanners.
    ///
    /// - Throws: `invalidArgument` when the query is so long that its estimates overflow: every comparison with them would
    ///   fail, and nothing be found.
    init(_ query: [Float], _ model: IndexModel, _ workspace: SearchWorkspace) throws(ImpRAGError) {
        var base: Float = 0
        var square: Float = 0
        for index in 0..<model.dimension {
            base += query[index] * model.mean[index]
            square += query[index] * query[index]
        }
        let layout = model.layout
        let coordinates = workspace.coordinates
        var (kept, error, firstError): (Float, Float, Float) = (0, 0, 0)
        var residual: Float = 0
        for index in 0..<model.width {
            let coordinate = coordinates[index]
            let squared = coordinate * coordinate
            kept += squared
            residual += squared * model.residualVariances[index]
            error += squared * layout.errors[index]
            firstError += squared * layout.firstErrors[index]
        }
        let beyond = max(0, square - kept) * model.tailVariance
        error += beyond
        firstError += beyond
        let nibbles = CodeLayout.nibblesPerSegment
        for segment in 0..<layout.segments {
            var (most, used): (Float, Float) = (0, 0)
            for nibble in 0..<nibbles {
                let coordinate = Int(layout.coordinates[segment * nibbles + nibble])
                workspace.nibbleWeights[nibble] =
                    coordinate < 0 ? 0 : coordinates[coordinate] * layout.factors[segment * nibbles + nibble]
            }
            for weight in workspace.nibbleWeights where weight != 0 {
                most = max(most, abs(weight))
                used += 1
            }
            // The scanner rounds weights to 127ths of the largest: each is off by an even share of such a step, times a
            // nibble's distance from the middle, of which the mean square is 21.25.
            let step = most / 127
            error += step * step / 12 * 21.25 * used
            if segment == 0 { firstError += step * step / 12 * 21.25 * used }
            workspace.scanners[0].load(workspace.nibbleWeights.span, segment: segment)
        }
        residual += beyond
        for other in workspace.scanners.dropFirst() { other.load(workspace.scanners[0]) }
        guard base.isFinite, error.isFinite, firstError.isFinite, residual.isFinite else {
            throw ImpRAGError(
                .invalidArgument,
                "the estimates of the query's scores overflow: its numbers, or those that the index was learnt from, are too large"
            )
        }
        self.base = base
        deviation = error.squareRoot()
        firstDeviation = firstError.squareRoot()
        spread = Self.spreadWeight * residual.squareRoot()
    }
}
