import Core
import Glibc
import Messaging
import Platform
import Synchronization

/// Looks again and again, on a thread of its own, whether files have changed: their disk may be slow.
final class GatewayWatch: Sendable {
    private final class Shared: Sendable {
        let isStopped = Atomic(false)
        /// One look at a time.
        let turn = Mutex(())
    }

    private let shared: Shared
    private let look: @Sendable () -> Void
    private let thread: NamedThread

    init(_ body: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        let shared = Shared()
        self.shared = shared
        let look = { @Sendable in shared.turn.withLock { _ in body() } }
        self.look = look
        let microseconds = UInt32(KeyRing.interval / .microseconds(1))
        thread = try NamedThread("gateway files") {
            while !shared.isStopped.load(ordering: .relaxed) {
                look()
                usleep(microseconds)
            }
        }
    }

    /// Looks now. Returns when what has changed counts.
    func lookNow() { look() }

    /// Ends the thread, and waits for that.
    func stop() {
        shared.isStopped.store(true, ordering: .relaxed)
        thread.join()
    }
}
