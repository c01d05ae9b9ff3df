import Foundation
import Platform

/// The exclusive right to an ipc path, as a lock file. Its last reference removes the socket's file, which libzmq
/// leaves behind, and then the lock file.
final class SocketLock {
    private let path: String
    private let lock: FileLock
    /// Until it is bound, a file at the path is not ours to remove.
    private var isBound = false

    init(_ lock: consuming FileLock, path: String) {
        self.lock = lock
        self.path = path
    }

    /// The socket is there: from now on only this user may connect to it.
    func becameBound() {
        isBound = true
        // Refused only by file systems without permissions.
        _ = SocketFile.makePrivate(path)
    }

    deinit {
        defer { lock.releaseAndRemove() }
        guard isBound else { return }
        // If the file is gone already, all the better.
        try? FileManager.default.removeItem(atPath: path)
    }
}
