import Core
import Foundation

/// A directory for sockets and the cluster file that only this user can enter; deleted with its last reference.
final class RuntimeDirectory {
    let path: String

    /// Made under `XDG_RUNTIME_DIR`, which is short and private where it exists, else under the temporary directory.
    init() throws(ImpRAGError) {
        let preferred = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
        let parents = [preferred, FileManager.default.temporaryDirectory.path(percentEncoded: false), "/tmp"]
        var failure: (any Error)?
        // The random part makes the name unguessable: everybody can write to /tmp.
        let name = "imprag-" + String(UInt64.random(in: .min ... .max), radix: 36)
        for parent in parents where parent.hasPrefix("/") {
            let path = URL(filePath: parent).appending(path: name).path(percentEncoded: false)
            // Socket names of up to 20 bytes follow.
            guard path.utf8.count <= 80 else { continue }
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
                self.path = path
                return
            } catch {
                failure = error
            }
        }
        throw ImpRAGError(
            .failedPrecondition,
            "no directory for sockets can be made under \(parents.filter { !$0.isEmpty }.joined(separator: ", ")); set "
                + "XDG_RUNTIME_DIR to a short path that can be written to", cause: failure)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
