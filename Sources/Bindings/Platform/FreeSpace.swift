public import Core
internal import Foundation

/// Space on a disk.
public enum FreeSpace {
    /// What an unprivileged user may still write to the disk that holds `path`; nil when the system does not say.
    public static func available(at path: String) -> ByteCount? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return ByteCount(Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize)))
    }
}
