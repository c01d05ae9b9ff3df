public import Core
internal import Kernels

/// What training learns from a partition's vectors: principal directions, list centroids and the code layout.
///
/// A vector x is reduced to y = P(x − mean), its coordinates along the `width` directions of largest variance, which
/// are the rows of P. y goes into the list of the nearest centroid, and the residual y − centroid is coded. A query q
/// has the coordinates z = P q, and q · x ≈ q · mean + z · centroid + z · coded residual, so a query is prepared once
/// for all lists.
public struct IndexModel: Sendable {
    /// Numbers of a vector.
    public let dimension: Int
    /// Directions that are kept.
    public let width: Int
    public let listCount: Int
    /// `[dimension]`.
    let mean: [Float]
    /// `[width × dimension]`, orthonormal rows, rounded.
    let projection: [BFloat16]
    /// `[listCount × headWidth]`: the centroids' first coordinates, by which lists are ranked.
    let heads: [BFloat16]
    /// `[listCount × (width − headWidth)]`: their other coordinates. Residuals are taken from the rounded numbers.
    let tails: [BFloat16]
    /// `[listCount]`: root mean square distance of a list's vectors from its centroid, relative to the average list.
    let spreads: [Float]
    /// `[width]`: mean squares of residuals' coordinates.
    let residualVariances: [Float]
    /// `[width]`: expected squares of a query's coordinates.
    let weights: [Float]
    let layout: CodeLayout
    /// The norm that residuals are scaled to before they are coded.
    let residualNorm: Float
    /// Mean variance along a direction that is not kept.
    let tailVariance: Float

    /// The most directions by which a vector is assigned to a list. More cost time and find no better lists: measured,
    /// what lies beyond is close to noise (docs/vector-index.md).
    static let headLimit = 128
    static let widthLimit = 256

    public var codeSize: CodeSize { layout.size }

    /// Memory of the model.
    public var residentBytes: ByteCount {
        ByteCount(
            (mean.count + spreads.count) * 4 + (projection.count + heads.count + tails.count) * 2
                + layout.factors.count * 6 + width * 17)
    }

    /// Whether every number is finite. A single one that is not makes estimates incomparable.
    var isFinite: Bool {
        let numbers = [
            mean, weights, spreads, residualVariances, layout.steps, layout.factors, layout.firstErrors, layout.errors,
        ]
        let halves = [projection, heads, tails]
        return residualNorm.isFinite && tailVariance.isFinite && numbers.allSatisfy { $0.allSatisfy(\.isFinite) }
            && halves.allSatisfy { $0.allSatisfy { $0.bits & 0x7F80 != 0x7F80 } }
    }

    var headWidth: Int { Self.headWidth(width: width) }

    static func headWidth(width: Int) -> Int { min(width, headLimit) }

    static func width(dimension: Int) -> Int { min(dimension, widthLimit) }

    /// About 4 · √count: ranking the lists then costs a fraction of scanning the chosen ones.
    public static func listCount(for count: Int) -> Int {
        max(1, min(count / 16, Int((4 * Double(count).squareRoot() / 64).rounded()) * 64))
    }
}
