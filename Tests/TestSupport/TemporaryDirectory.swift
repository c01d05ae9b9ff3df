import Foundation
import Synchronization

/// A fresh directory that is deleted with the value's last reference. What still writes there then may leave files
/// behind: they go when the process exits.
public final class TemporaryDirectory: Sendable {
    public let path: String

    /// For what several tests share.
    public static let ofProcess = Result { try TemporaryDirectory() }

    /// All that were made, to be deleted at exit.
    private static let made: Mutex<[String]> = {
        atexit {
            for path in TemporaryDirectory.made.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
        }
        return Mutex([])
    }()

    /// Where files are written fastest: in memory, where the system has a place for that.
    public static let fastest =
        FileManager.default.isWritableFile(atPath: "/dev/shm")
        ? "/dev/shm" : FileManager.default.temporaryDirectory.path(percentEncoded: false)

    /// - Parameter folder: where it is made; nil for the usual place.
    public init(in folder: String? = nil) throws {
        let url = (folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory).appending(
            path: "imprag-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let path = url.path(percentEncoded: false)
        self.path = path
        Self.made.withLock { $0.append(path) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Copies files and directories of another one.
    public func copy(_ names: [String], of other: TemporaryDirectory) throws {
        for name in names { try FileManager.default.copyItem(atPath: other.file(name), toPath: file(name)) }
    }
}
