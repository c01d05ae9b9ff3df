internal import Core
internal import Kernels

/// What a search knows of its query before it looks at any code.
struct PreparedQuery {
    /// query · mean: part of every estimate.
    let base: Float
    /// Standard deviation of an estimate's error, and of what the segments after the first add to an estimate.
    let deviation: Float
    let firstDeviation: Float

    /// Computes the query's coordinates and loads its weights into the workspace's scanner.
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
        multiply(query.span, model.projection.span, into: &workspace.coordinates)
        let layout = model.layout
        var (kept, error, firstError): (Float, Float, Float) = (0, 0, 0)
        for index in 0..<model.width {
            let coordinate = workspace.coordinates[index]
            let squared = coordinate * coordinate
            kept += squared
            error += squared * layout.errors[index]
            firstError += squared * (layout.firstErrors[index] - layout.errors[index])
        }
        error += max(0, square - kept) * model.tailVariance
        let nibbles = CodeLayout.nibblesPerSegment
        for segment in 0..<layout.segments {
            var (most, used): (Float, Float) = (0, 0)
            for nibble in 0..<nibbles {
                let coordinate = Int(layout.coordinates[segment * nibbles + nibble])
                workspace.nibbleWeights[nibble] =
                    coordinate < 0 ? 0 : workspace.coordinates[coordinate] * layout.factors[segment * nibbles + nibble]
            }
            for weight in workspace.nibbleWeights where weight != 0 {
                most = max(most, abs(weight))
                used += 1
            }
            // The scanner rounds weights to 127ths of the largest: each is off by an even share of such a step, times a
            // nibble's distance from the middle, of which the mean square is 21.25.
            let step = most / 127
            error += step * step / 12 * 21.25 * used
            workspace.scanner.load(workspace.nibbleWeights.span, segment: segment)
        }
        guard base.isFinite, error.isFinite, firstError.isFinite else {
            throw ImpRAGError(
                .invalidArgument, "the query's numbers are too large: the estimates of its scores overflow")
        }
        self.base = base
        deviation = error.squareRoot()
        firstDeviation = firstError.squareRoot()
    }
}
