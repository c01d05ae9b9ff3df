import CMicrohttpd
import Core
import Glibc
import Platform
import Synchronization

/// Notices that the clients of connections have gone: a thread of its own waits for all of them.
///
/// A client that only closes its sending half counts as gone, as with other servers: it cannot be told from one that
/// has gone without sending to it.
final class GoneWatcher: Sendable {
    private let set: Int32
    private let wake: Int32
    private let isStopped = Atomic(false)
    private let thread = Mutex<NamedThread?>(nil)

    init() throws(ImpRAGError) {
        var wake: Int32 = -1
        set = unsafe imprag_http_watch_begin(&wake)
        guard set >= 0 else {
            throw ImpRAGError(.resourceExhausted, "connections cannot be watched: \(systemMessage(-set))")
        }
        self.wake = wake
    }

    deinit {
        close(wake)
        close(set)
    }

    /// - Parameters:
    ///   - times: whose connections are cut off in time, on the same thread.
    ///   - gone: gets the numbers of those that have gone.
    func start(_ times: ConnectionTimes, _ gone: @escaping @Sendable (UInt64) -> Void) throws(ImpRAGError) {
        let started = try NamedThread("http gone") { self.run(gone, times) }
        thread.withLock { $0 = started }
    }

    /// Returns when the thread has ended.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        imprag_http_watch_wake(wake)
        thread.withLock { $0 }?.join()
    }

    /// A connection that cannot be watched is noticed when it is sent to.
    func watch(_ descriptor: Int32, _ number: UInt64) {
        _ = imprag_http_watch(set, descriptor, number)
    }

    private func run(_ gone: (UInt64) -> Void, _ times: ConnectionTimes) {
        let milliseconds = Int32(times.interval / .milliseconds(1))
        var next = ContinuousClock.now
        var numbers = [UInt64](repeating: 0, count: 64)
        while !isStopped.load(ordering: .acquiring) {
            let count = unsafe imprag_http_watch_wait(set, &numbers, Int32(numbers.count), milliseconds)
            guard count >= 0 else { return }
            if ContinuousClock.now >= next {
                times.cutOff()
                next = ContinuousClock.now + times.interval
            }
            for number in numbers.prefix(Int(count)) where number > 0 { gone(number) }
        }
    }
}
