import Core
import Kernels

/// Overflow at run time although every weight is finite: the errors blame the model.
extension LlamaModel {
    /// Longer embeddings are refused: within it no number is beyond `VectorLimit`, which what stores and searches them
    /// keeps.
    static let embeddingLengthLimit = Double(VectorLimit.magnitude)

    /// `what` is in the plural.
    func overflow(_ what: String) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(what) are not finite: the model's numbers overflow on this text in \(compute.rawValue); "
                + "its weights are too large or damaged, and asking again gives the same")
    }

    /// Whether the squares of row `row` of the residual stream overflow: its RMSNorm would be all zeros, and what
    /// follows from it would look valid.
    func overflows(_ row: Int, in space: Workspace) -> Bool {
        let width = configuration.hiddenSize
        return !space.residual.rows[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.isFinite
    }

    /// Refuses embeddings that scores cannot be made of; `name` says whose each is.
    ///
    /// - Parameter embeddings: `[count × h_k·d_h]`.
    func check(embeddings: [Float], of name: (Int) -> String) throws(ImpRAGError) {
        let dimension = configuration.embeddingDimension
        for index in 0..<embeddings.count / dimension {
            let square = embeddings[index * dimension..<(index + 1) * dimension].reduce(0.0) {
                $0 + Double($1) * Double($1)
            }
            guard square.isFinite else { throw overflow("the numbers of the embedding of \(name(index))") }
            guard square.squareRoot() <= Self.embeddingLengthLimit else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "the embedding of \(name(index)) has the length \(square.squareRoot()), with which scores overflow float32 (at "
                        + "most \(Self.embeddingLengthLimit)): the model's weights are too large or damaged")
            }
        }
    }
}
