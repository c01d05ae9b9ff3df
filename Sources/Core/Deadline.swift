/// The moment after which the caller no longer waits for an answer.
///
/// Messages carry the milliseconds that remain, not a clock reading, so nodes need not agree on the time of day.
public struct Deadline: Sendable, Comparable {
    public let instant: ContinuousClock.Instant
    /// The clock that measures it.
    public let clock: any Clock

    public init(_ instant: ContinuousClock.Instant, on clock: any Clock = SystemClock.shared) {
        self.instant = instant
        self.clock = clock
    }

    /// The moment `milliseconds` from now.
    public static func after(milliseconds: Int, on clock: any Clock = SystemClock.shared) -> Deadline {
        Deadline(clock.now + .milliseconds(milliseconds), on: clock)
    }

    /// For work without a time limit: a century from now.
    public static var never: Deadline { Deadline(SystemClock.shared.now + .seconds(3_155_760_000)) }

    /// This deadline, or the moment `milliseconds` from now when that is earlier.
    public func within(milliseconds: Int) -> Deadline {
        min(self, .after(milliseconds: milliseconds, on: clock))
    }

    /// Whole milliseconds left, rounded up; 0 when it has passed.
    public var remainingMilliseconds: Int { remainingMilliseconds(at: clock.now) }

    /// Whole milliseconds left at `now`, rounded up; 0 when it has passed.
    public func remainingMilliseconds(at now: ContinuousClock.Instant) -> Int {
        let left = instant - now
        guard left > .zero else { return 0 }
        let parts = left.components
        return Int(parts.seconds) * 1000 + Int((parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    public var hasPassed: Bool { clock.now >= instant }

    /// Throws `deadlineExceeded` when it has passed; `what` names the work, as in "search on shard-0".
    public func check(_ what: @autoclosure () -> String) throws(ImpRAGError) {
        if hasPassed { throw ImpRAGError(.deadlineExceeded, "\(what()): the deadline has passed") }
    }

    public static func == (left: Deadline, right: Deadline) -> Bool { left.instant == right.instant }

    public static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
}
