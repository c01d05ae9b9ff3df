public import Core

/// A segment as a reader got it.
public struct LogEntry: Sendable, Equatable {
    public let epoch: Int
    /// Updates that share it.
    public let updateCount: Int
    /// When it was written, in milliseconds since 1970; nil where its format has none.
    public let time: Int?
    /// The updates' keys.
    public let keys: [UpdateKey?]
    /// The size of the whole segment.
    public let byteCount: Int
    /// By partition, in the order of the updates: those partitions that were asked for and have changes.
    public let changes: [Int: [LoggedChange]]
}
