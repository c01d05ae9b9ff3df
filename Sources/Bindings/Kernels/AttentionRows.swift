/// The rows of one sequence in a batch: its newest tokens.
public struct AttentionRows: Sendable {
    /// The batch's rows that are this sequence's.
    public let rows: Range<Int>
    /// New tokens of the sequence before the rows, with keys and values but without rows.
    public let skipped: Int
    /// The context that all of them see; nil for none.
    public let context: AttentionContext?
    /// The sequence itself; the new tokens' keys and values follow its `count`.
    public let own: KeyValueTokens
    /// For the positions of the sequence's new tokens.
    public let rotation: Rotation
    /// Sums the attention that the sequence's own tokens receive; nil to skip that.
    public let received: ReceivedAttention?
    /// How many of the rows, the last ones, have their attention to each span of the context measured.
    public let measuredRows: Int

    public init(
        rows: Range<Int>, skipped: Int = 0, context: AttentionContext?, own: KeyValueTokens, rotation: Rotation,
        received: ReceivedAttention? = nil, measuredRows: Int = 1
    ) {
        precondition((0...rows.count).contains(measuredRows), "\(measuredRows) of \(rows.count) rows are measured")
        self.rows = rows
        self.skipped = skipped
        self.context = context
        self.own = own
        self.rotation = rotation
        self.received = received
        self.measuredRows = measuredRows
    }
}
