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
