import Platform

/// The exclusive right to an ipc path, given back with the last reference.
final class SocketLock {
    private let lock: FileLock

    init(_ lock: consuming FileLock) {
        self.lock = lock
    }
}
