import Core
import Glibc
import Synchronization

/// Until when each connection has to get on, and cuts off those that do not: a client that sends or takes a byte now and then
/// counts as busy for libmicrohttpd, which only knows how long nothing has moved.
final class ConnectionTimes: Sendable {
    private struct Entry {
        /// Nil while nothing is awaited from the client.
        var end: ContinuousClock.Instant?
    }

    /// By descriptor; each is there from its connection's begin to just before libmicrohttpd closes it.
    private let entries = Mutex<[Int32: Entry]>([:])
    private let limits: HTTPServerLimits

    init(_ limits: HTTPServerLimits) {
        self.limits = limits
    }

    /// How often to look, at least.
    var interval: Duration {
        min(.seconds(1), .seconds(min(limits.idleSeconds, limits.arrivalSeconds, limits.takingSeconds)) / 4)
    }

    /// The connection begins, or its answer has been taken: a request may come.
    ///
    /// A connection without any is closed after `idleSeconds`; a request has its own seconds beyond those, since nobody is told of
    /// its first byte.
    func awaitsRequest(_ descriptor: Int32) {
        set(descriptor, ContinuousClock.now + .seconds(limits.idleSeconds + limits.arrivalSeconds))
    }

    /// The request is there.
    func answers(_ descriptor: Int32) { set(descriptor, nil) }

    /// The end of the answer is there for the client to take.
    func isTaken(_ descriptor: Int32) { set(descriptor, ContinuousClock.now + .seconds(limits.takingSeconds)) }

    func ended(_ descriptor: Int32) { entries.withLock { entries in entries[descriptor] = nil } }

    private func set(_ descriptor: Int32, _ end: ContinuousClock.Instant?) {
        entries.withLock { $0[descriptor] = Entry(end: end) }
    }

    /// Cuts off those whose time is over.
    func cutOff() {
        let now = ContinuousClock.now
        entries.withLock { entries in
            for (descriptor, entry) in entries {
                guard let end = entry.end, end <= now else { continue }
                entries[descriptor]?.end = nil
                // libmicrohttpd sees its end, and closes it.
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
