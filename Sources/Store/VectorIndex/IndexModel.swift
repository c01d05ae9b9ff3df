public import Core
internal import Kernels

/// What training learns of a partition's vectors: the directions in which they vary, list centroids, and the code.
///
/// A vector x is described by y = P(x − mean): its coordinates along the `width` directions of largest variance, rows of P.
/// y belongs to the list of the nearest centroid, and the residual y − centroid is coded. A query q has the coordinates
/// z = P q, and q · x ≈ q · mean + z · centroid + z · coded residual; so a query is prepared once for all lists.
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
    /// `[listCount]`: how far a list's vectors lie from its centroid, as a multiple of what is usual.
    let spreads: [Float]
    /// `[width]`: mean square of a residual's coordinates.
    let residualVariances: [Float]
    /// `[width]`: how much of a query is expected on each coordinate, squared.
    let weights: [Float]
    let layout: CodeLayout
    /// Norm to which residuals are brought before they are coded.
    let residualNorm: Float
    /// Mean variance along a direction that is not kept.
    let tailVariance: Float

    /// Directions by which a vector is put into a list, at most. More of them cost time and find no better lists: what lies
    /// beyond is close to noise, as measured (docs/indexing.md).
    static let headLimit = 128
    static let widthLimit = 256

    public var segments: Int { layout.segments }

    /// Bytes that the model takes in memory.
    public var residentBytes: ByteCount {
        ByteCount(
            (mean.count + spreads.count) * 4 + (projection.count + heads.count + tails.count) * 2
                + layout.factors.count * 6 + width * 17)
    }

    /// Whether every number is finite: with one that is not, no estimate can be compared with another.
    var isFinite: Bool {
        let numbers = [
            mean, weights, spreads, residualVariances, layout.steps, layout.factors, layout.firstErrors, layout.errors,
        ]
        let halves = [projection, heads, tails]
        return residualNorm.isFinite && tailVariance.isFinite && numbers.allSatisfy { $0.allSatisfy(\.isFinite) }
            && halves.allSatisfy { $0.allSatisfy { $0.bits & 0x7F80 != 0x7F80 } }
    }

    var headWidth: Int { min(width, Self.headLimit) }

    static func width(dimension: Int) -> Int { min(dimension, widthLimit) }

    /// 64 bytes a vector below 128 numbers, 128 from there on.
    static func segments(dimension: Int) -> Int { dimension < 128 ? 1 : 2 }

    /// About 4 · √count: the cost of choosing among lists then stays a fraction of that of scanning the chosen ones.
    public static func listCount(for count: Int) -> Int {
        max(1, min(count / 16, Int((4 * Double(count).squareRoot() / 64).rounded()) * 64))
    }
}
