/// The rows of one sequence in a batch: its newest tokens.
public struct AttentionRows: Sendable {
    /// Of the batch.
    public let rows: Range<Int>
    /// New tokens of the sequence before the rows, with keys and values but without rows.
    public let skipped: Int
    /// What all of them see; nil for nothing.
    public let context: AttentionContext?
    /// The sequence itself; the new tokens' keys and values stand behind its `count`.
    public let own: KeyValueTokens
    /// Of the positions of the sequence's new tokens.
    public let rotation: Rotation
    /// Counts the attention that the sequence's own tokens receive; nil does not.
    public let received: ReceivedAttention?

    public init(
        rows: Range<Int>, skipped: Int = 0, context: AttentionContext?, own: KeyValueTokens, rotation: Rotation,
        received: ReceivedAttention? = nil
    ) {
        self.rows = rows
        self.skipped = skipped
        self.context = context
        self.own = own
        self.rotation = rotation
        self.received = received
    }
}
