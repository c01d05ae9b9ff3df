import Core
import Glibc
import Messaging
import Platform
import Synchronization

/// Looks again and again, on a thread of its own, whether files have changed: their disk may be slow.
final class GatewayWatch: Sendable {
    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    private let isStopped: Flag
    private let thread: NamedThread

    init(_ look: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        let isStopped = Flag()
        self.isStopped = isStopped
        let microseconds = UInt32(KeyRing.interval / .microseconds(1))
        thread = try NamedThread("gateway files") {
            while !isStopped.value.load(ordering: .relaxed) {
                look()
                usleep(microseconds)
            }
        }
    }

    /// Ends the thread, and waits for that.
    func stop() {
        isStopped.value.store(true, ordering: .relaxed)
        thread.join()
    }
}
