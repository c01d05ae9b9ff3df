/// What tells one state of a file from another without reading it.
///
/// The system sets the time of the last change by itself, to content or to attributes: unlike the time of modification
/// no program can set it back, so that a copy or an unpacked archive never passes for what it was made from.
public struct FileStamp: Hashable, Sendable, CustomStringConvertible {
    /// Bytes.
    public let size: Int
    /// Nanoseconds since 1970.
    public let modified: Int
    /// Nanoseconds since 1970.
    public let changed: Int

    /// The three numbers.
    public var description: String { "\(size) \(modified) \(changed)" }
}
