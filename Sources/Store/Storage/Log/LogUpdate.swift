public import Core

/// What one request changes: takes effect as a whole or not at all.
public struct LogUpdate: Sendable {
    /// In order: of several with one id the last counts.
    public let changes: [PassageChange]
    /// Of the client's update, the same with each repetition; nil: it has none, and a repetition is another update.
    public let key: UpdateKey?
    /// Room that it takes in a segment at most.
    public let byteCount: Int

    /// - Parameter changes: at least one, or `CollectionLog.commit` refuses the update.
    public init(_ changes: [PassageChange], key: UpdateKey? = nil) {
        self.changes = changes
        self.key = key
        byteCount = changes.reduce(0) { $0 + Segment.byteCountAtMost($1) }
    }

    /// How many of `queue`, from its front, go into one segment; at least 1 unless it is empty: an update that is too
    /// large alone is for `CollectionLog.commit` to refuse.
    public static func countFitting(_ queue: some Sequence<LogUpdate>) -> Int {
        var (count, bytes) = (0, 0)
        for update in queue {
            // Neither sum overflows: whatever is in memory has less.
            bytes += update.byteCount
            guard count == 0 || bytes <= Segment.byteLimit && count < Segment.updateLimit else { break }
            count += 1
        }
        return count
    }
}
