import TestSupport

@testable import VectorIndex

/// An index of clustered vectors, and queries from the same clusters that it never saw. Made once for all tests.
struct ClusteredIndex: Sendable {
    let built: BuiltIndex
    /// `[queryCount × dimension]`.
    let queries: [Float]

    static let queryCount = 300

    init(rows: Int, dimension: Int, calibrated: Bool = true, codes: CodeSize? = nil) throws {
        var clusters = Clusters(dimension: dimension, count: max(20, rows / 100), seed: UInt64(dimension))
        built = try BuiltIndex(
            MemoryVectors(dimension: dimension, vectors: clusters.next(rows)), calibrated: calibrated, codes: codes)
        queries = clusters.next(Self.queryCount)
    }

    private static let large = Result { try ClusteredIndex(rows: 20_000, dimension: 64) }
    private static let small = Result { try ClusteredIndex(rows: 2500, dimension: 32) }

    /// 20,000 × 64.
    static func shared() throws -> ClusteredIndex { try large.get() }
    /// 2500 × 32.
    static func sharedSmall() throws -> ClusteredIndex { try small.get() }
}
