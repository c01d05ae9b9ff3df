internal import Foundation

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

extension FileStamp {
    init(_ status: stat) {
        size = Int(status.st_size)
        modified = nanoseconds(status.st_mtim)
        changed = nanoseconds(status.st_ctim)
    }
}

private func nanoseconds(_ time: timespec) -> Int {
    // Saturating: a file system may hold any number of seconds.
    let (scaled, overflow) = Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (time.tv_sec < 0 ? .min : .max) : scaled &+ Int(time.tv_nsec)
}
