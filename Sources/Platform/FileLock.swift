public import Core
internal import Foundation

/// An exclusive lock on a file, held until `release`; the system drops it when the process dies, however it dies.
public final class FileLock {
    private var descriptor: Int32?

    /// Locks the file at `path`, which is made when it does not exist.
    ///
    /// - Parameter work: what the holder does, for the message, as in "another `imprag index` writes to out".
    /// - Throws: `failedPrecondition` with `work` when somebody else holds it, `unavailable` when the system refuses.
    public init(path: String, work: String) throws(ImpRAGError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ImpRAGError(.unavailable, "cannot open the lock file \(path): \(systemMessage(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EWOULDBLOCK
                ? ImpRAGError(.failedPrecondition, work)
                : ImpRAGError(.unavailable, "cannot lock \(path): \(systemMessage(code))")
        }
        self.descriptor = descriptor
    }

    deinit {
        release()
    }

    /// Lets others in; nothing happens the second time.
    public func release() {
        guard let descriptor else { return }
        // Said, not left to `close`: a child that is just being started shares the lock until it runs its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
        self.descriptor = nil
    }
}
