import Foundation
import Platform

/// The exclusive right to an ipc path; with its last reference the socket's file goes, which libzmq leaves, and then the
/// right with its file.
final class SocketLock {
    private let path: String
    private let lock: FileLock
    /// Until then the file at the path, if there is one, is not ours to remove.
    var isBound = false

    init(_ lock: consuming FileLock, path: String) {
        self.lock = lock
        self.path = path
    }

    deinit {
        defer { lock.releaseAndRemove() }
        guard isBound else { return }
        // A file that is gone already is what we want.
        try? FileManager.default.removeItem(atPath: path)
    }
}
