public import Core

/// One found row of an index.
public struct Hit: Hashable, Sendable {
    /// The row in the index, which is the row in the partition.
    public let row: Int
    public let score: Float

    public init(row: Int, score: Float) {
        self.row = row
        self.score = score
    }
}

/// Finds the rows of largest inner product. Immutable while it is searched; shared by all threads.
public protocol VectorIndex: Sendable {
    var dimension: Int { get }
    var count: Int { get }
    /// Bytes that it holds in memory.
    var residentBytes: ByteCount { get }

    /// The best `k` rows (fewer when there are fewer) of each query, best first; equal scores by lower row.
    ///
    /// - Parameter queries: `[n × dimension]`, row-major, finite.
    /// - Throws: `invalidArgument` for a wrong size or a number that is not finite, `deadlineExceeded`.
    func search(_ queries: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [[Hit]]
}
