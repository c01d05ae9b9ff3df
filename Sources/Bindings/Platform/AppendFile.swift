public import Core
internal import Foundation

/// A file that only grows. Lines of several processes may go to one file: each text is written whole.
// Sendable: the descriptor is opened once and closed when nobody has it any more.
public final class AppendFile: Sendable {
    public let path: String
    private let descriptor: Int32

    /// Opens the file, or makes it, for this user.
    ///
    /// - Parameter isForGroup: whether the user's group may read one that is made.
    /// - Throws: `notFound` without its directory, `resourceExhausted` when the disk is full, else `unavailable`.
    public init(path: String, isForGroup: Bool = false) throws(ImpRAGError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, isForGroup ? 0o640 : 0o600)
        guard descriptor >= 0 else { throw DurableFile.failure(errno, "cannot open \(path)") }
    }

    deinit {
        close(descriptor)
    }

    /// Appends `text` with one write, as long as the disk takes it whole.
    ///
    /// - Throws: `resourceExhausted` when the disk is full, else `unavailable`.
    public func append(_ text: String) throws(ImpRAGError) {
        try writeAll(unsafe Array(text.utf8).span.bytes, to: descriptor, path)
    }
}
