public import Core
import Glibc

/// A file that only grows. Lines of several processes may go to one file: each is written whole.
// Sendable: the descriptor is opened once and closed when nobody has it any more.
public final class AppendFile: Sendable {
    public let path: String
    private let descriptor: Int32

    /// Opens the file, or makes it, readable by its owner alone.
    ///
    /// - Throws: `unavailable` naming the path when that fails.
    public init(path: String) throws(ImpRAGError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ImpRAGError(.unavailable, "\(path) cannot be opened for appending: \(systemMessage(errno))")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Appends `text`. False when it was not written, or not all of it.
    public func append(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        while true {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            return count == bytes.count
        }
    }
}
