import Core
import Glibc
import Synchronization

/// Until when each connection has to get on, and cuts off those that do not: a client that sends or takes a byte now
/// and then counts as busy for libmicrohttpd, which only knows how long nothing has moved.
final class ConnectionTimes: Sendable {
    private struct Entry {
        /// Unlike the descriptor never used again; with `mark`, which no request's number has.
        let number: UInt64
        /// Nil while nothing is awaited from the client.
        var end: ContinuousClock.Instant?
    }

    static let mark: UInt64 = 1 << 63
    /// How long a request that has begun may be on its way when its client sends no more: until libmicrohttpd has read
    /// it.
    private static let last = Duration.seconds(1)

    /// By descriptor; each is there from its connection's begin to just before libmicrohttpd closes it.
    private let entries = Mutex<[Int32: Entry]>([:])
    private let begun = Atomic<UInt64>(0)
    private let limits: HTTPServerLimits

    init(_ limits: HTTPServerLimits) {
        self.limits = limits
    }

    /// How often to look, at least.
    var interval: Duration {
        min(.seconds(1), .seconds(min(limits.idleSeconds, limits.arrivalSeconds, limits.takingSeconds)) / 4)
    }

    /// The connection begins. Returns its number.
    func began(_ descriptor: Int32) -> UInt64 {
        let number =
            Self.mark | begun.add(1, ordering: .relaxed).newValue << 24 | UInt64(UInt32(bitPattern: descriptor))
        entries.withLock { $0[descriptor] = Entry(number: number) }
        awaitsRequest(descriptor)
        return number
    }

    /// Of the connection that a descriptor stands for now.
    func number(_ descriptor: Int32) -> UInt64? { entries.withLock { $0[descriptor]?.number } }

    /// The client of a connection has gone, or at least sends no more.
    func sendsNoMore(_ number: UInt64) {
        let descriptor = Int32(truncatingIfNeeded: number & 0xff_ffff)
        entries.withLock { entries in
            guard let entry = entries[descriptor], entry.number == number, let end = entry.end else { return }
            entries[descriptor]?.end = min(end, ContinuousClock.now + Self.last)
        }
    }

    /// A request may come: at the begin, and when an answer has been taken.
    ///
    /// A connection without any is closed after `idleSeconds`; a request has its own seconds beyond those, since nobody
    /// is told of its first byte.
    func awaitsRequest(_ descriptor: Int32) {
        set(descriptor, ContinuousClock.now + .seconds(limits.idleSeconds + limits.arrivalSeconds))
    }

    /// The request is there.
    func answers(_ descriptor: Int32) { set(descriptor, nil) }

    /// The end of the answer is there for the client to take.
    func isTaken(_ descriptor: Int32) { set(descriptor, ContinuousClock.now + .seconds(limits.takingSeconds)) }

    func ended(_ descriptor: Int32) { entries.withLock { entries in entries[descriptor] = nil } }

    private func set(_ descriptor: Int32, _ end: ContinuousClock.Instant?) {
        entries.withLock { $0[descriptor]?.end = end }
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
