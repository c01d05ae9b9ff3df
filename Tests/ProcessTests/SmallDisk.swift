import Foundation
import TestSupport

/// A file system of its own that is small enough to be filled; unmounted with the value.
final class SmallDisk {
    let directory: TemporaryDirectory
    var path: String { directory.path }
    private let filler: String

    /// Nil, with a line that says so, where this user may not mount one.
    init?(mebibytes: Int) throws {
        directory = try TemporaryDirectory()
        filler = directory.file("filler")
        let mount = try RunningProcess(
            "/bin/mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", directory.path])
        let outcome = try mount.wait(seconds: 10)
        guard outcome.status == 0 else {
            print("skipped: a full disk needs the right to mount one (\(outcome.errors))")
            return nil
        }
    }

    deinit {
        let unmount = try? RunningProcess("/bin/umount", ["--lazy", directory.path])
        _ = try? unmount?.wait(seconds: 10)
    }

    /// Takes all space but `mebibytes`.
    func fill(leaving mebibytes: Int) throws {
        let space = try FileManager.default.attributesOfFileSystem(forPath: path)[.systemFreeSize] as? NSNumber
        let bytes = (space?.intValue ?? 0) - mebibytes << 20
        _ = try RunningProcess("/usr/bin/fallocate", ["--length", String(max(1, bytes)), filler]).wait(seconds: 10)
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: filler) }
}
