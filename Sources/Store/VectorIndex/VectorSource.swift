public import Core

/// Where an index's full vectors are: rows of bf16 numbers on the disk. Reads block.
public protocol VectorSource: Sendable {
    /// Numbers of a vector.
    var dimension: Int { get }
    /// Rows are numbered below it.
    var rowLimit: Int { get }

    /// Lends the vectors of rows `first..<end` that are there, ascending, until `body` returns false.
    ///
    /// - Parameter body: gets `2 · dimension` bytes, little-endian bf16.
    func scanVectors(
        from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
    ) throws(ImpRAGError)

    /// Lends the vectors of `rows` that are there; `place` is an index into `rows`.
    func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError)
}
