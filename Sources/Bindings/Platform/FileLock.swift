public import Core
internal import Foundation

/// An exclusive lock on a file, held until `release`; the system drops it however the process dies.
public final class FileLock {
    private var descriptor: Int32?
    private let path: String

    /// Locks the file at `path`, creating it if it does not exist.
    ///
    /// - Parameter work: what the holder does, for the error, as in "another `imprag index` writes to out".
    /// - Throws: `failedPrecondition` with `work` when another process holds it, `unavailable` when the system refuses.
    public init(path: String, work: String) throws(ImpRAGError) {
        self.path = path
        while true {
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
            if let file = FileIdentity(descriptor: descriptor), file == FileIdentity(path: path) {
                self.descriptor = descriptor
                return
            }
            // Its holder removed the file between opening and locking: a lock on an unlinked file keeps nobody out.
            close(descriptor)
        }
    }

    /// Locks the file at `path` as soon as its holder lets go: looks again every half millisecond, since the system's
    /// own waiting knows no deadline.
    ///
    /// - Throws: `deadlineExceeded` with `work`, `unavailable` when the system refuses.
    public static func waiting(path: String, work: String, until deadline: Deadline) throws(ImpRAGError) -> FileLock {
        while true {
            do throws(ImpRAGError) {
                return try FileLock(path: path, work: work)
            } catch {
                guard error.code == .failedPrecondition else { throw error }
                try deadline.check(work)
                usleep(500)
            }
        }
    }

    deinit {
        release()
    }

    /// Whether another process holds a POSIX record lock on the file at `path`, as RocksDB does on the `LOCK` of a
    /// database that it writes to. Not for databases that this process has open: checking would drop its own lock.
    public static func isHeldByWriter(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        guard unsafe fcntl(descriptor, F_GETLK, &request) == 0 else { return false }
        return request.l_type != Int16(F_UNLCK)
    }

    /// Removes the file and releases the lock; does nothing after the first release.
    public func releaseAndRemove() {
        guard descriptor != nil else { return }
        // Before releasing: afterwards the file would be somebody else's.
        unsafe unlink(path)
        release()
    }

    /// Releases the lock; does nothing the second time.
    public func release() {
        guard let descriptor else { return }
        // Explicit, because `close` is not enough: a child being started shares the lock until it runs exec.
        flock(descriptor, LOCK_UN)
        close(descriptor)
        self.descriptor = nil
    }
}
