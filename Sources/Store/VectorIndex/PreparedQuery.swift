internal import Core
internal import Kernels

/// What a search computes of its query before it scans any code.
struct PreparedQuery {
    /// query · mean: part of every estimate.
    let base: Float
    /// Standard deviation of the error of an estimate, and of one from the first segment alone.
    let deviation: Float
    let firstDeviation: Float
    /// How much a list's spread adds to its rank; see `spreadWeight`.
    let spread: Float

    /// How many standard deviations (of a residual's inner product with the query) the best vector of a list is
    /// expected to beat its centroid by. The maximum of a hundred normal numbers would be at 3; being among the best
    /// overall takes less. Measured, 1 to 2 do about equally well (docs/vector-index.md).
    private static let spreadWeight: Float = 1.5

    /// Loads the weights of the current query of `workspace` into its scanners.
    ///
    /// - Throws: `invalidArgument` when the query is so long that its estimates overflow: no comparison would hold, and
    ///   nothing would be found.
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
        for segment in 0..<layout.size.shape.segments {
            let rounding = Self.load(segment, of: layout, workspace)
            error += rounding
            if segment == 0 { firstError += rounding }
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
    /// Loads a segment's weights into the first scanner. Returns the mean square of what rounding them adds to an
    /// error.
    private static func load(_ segment: Int, of layout: CodeLayout, _ workspace: SearchWorkspace) -> Float {
        let nibbles = layout.nibblesPerSegment
        let coordinates = workspace.coordinates
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
        let weights = workspace.nibbleWeights
        workspace.scanners[0].load(weights.span, segment: segment)
        // The scanner rounds weights to 127ths of the largest. The rounding error is uniform within a step, and is
        // multiplied by the nibble's distance from the middle, whose mean square is 21.25.
        let step = most / 127
        return step * step / 12 * 21.25 * used
    }
}
