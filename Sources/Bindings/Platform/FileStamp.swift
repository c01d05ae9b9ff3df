/// What tells one state of a file from another without reading it.
///
/// The system itself sets the time of the last change to content or attributes (ctime). Unlike the modification time,
/// no program can set it back, so a copy or an unpacked archive never passes for its original.
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
