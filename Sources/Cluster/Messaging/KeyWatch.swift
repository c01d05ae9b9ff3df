public import Core
internal import Glibc
internal import Platform
internal import Synchronization

/// Keeps a key ring up to date where no messenger does, on a thread of its own: the list's disk may be slow.
public final class KeyWatch: Sendable {
    private let isStopped: Flag
    private let thread: NamedThread

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    /// - Parameter changed: called on that thread after the list has changed.
    /// - Throws: `resourceExhausted` when the system allows no more threads.
    public init(_ ring: KeyRing, changed: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        let isStopped = Flag()
        self.isStopped = isStopped
        let microseconds = UInt32(KeyRing.interval / .microseconds(1))
        thread = try NamedThread("imprag-keys") {
            while !isStopped.value.load(ordering: .relaxed) {
                if ring.refresh() { changed() }
                usleep(microseconds)
            }
        }
    }

    /// Ends the thread, and waits for that.
    public func stop() {
        isStopped.value.store(true, ordering: .relaxed)
        thread.join()
    }
}
