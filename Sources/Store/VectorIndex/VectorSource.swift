public import Core

/// Where an index's full vectors are: rows of bf16 numbers on disk. Reads block.
public protocol VectorSource: Sendable {
    /// Numbers of a vector.
    var dimension: Int { get }
    /// All row numbers are below it.
    var rowLimit: Int { get }

    /// Lends the vectors of the existing rows in `first..<end`, ascending, until `body` returns false.
    ///
    /// - Parameter body: gets `2 · dimension` bytes, little-endian bf16.
    func scanVectors(
        from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
    ) throws(ImpRAGError)

    /// Lends the vectors of those of `rows` that exist; `place` is an index into `rows`.
    func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError)
}
