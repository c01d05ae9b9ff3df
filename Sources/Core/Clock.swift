/// Time as deadlines, timers and figures see it; it never goes back. `SystemClock` is the machine's own, and whoever needs
/// time is given a clock: a test or a simulation gives one that it moves by hand.
public protocol Clock: AnyObject, Sendable {
    var now: ContinuousClock.Instant { get }

    /// Calls `body` once, at `instant` or soon after it and never within this call, on any thread. It must not block.
    ///
    /// - Returns: what cancels the call, while it has not begun.
    @discardableResult
    func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> Alarm
}

/// A call that a clock will make.
public final class Alarm: Sendable {
    private let onCancel: @Sendable () -> Void

    /// - Parameter onCancel: called for each `cancel`.
    public init(onCancel: @escaping @Sendable () -> Void) {
        self.onCancel = onCancel
    }

    /// Does nothing once the call has begun.
    public func cancel() { onCancel() }
}

/// The machine's monotonic clock.
public final class SystemClock: Clock {
    public static let shared = SystemClock()

    private init() {}

    public var now: ContinuousClock.Instant { ContinuousClock.now }

    @discardableResult
    public func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> Alarm {
        let task = Task {
            // Throws when it is cancelled, and only then.
            guard (try? await Task.sleep(until: instant, clock: .continuous)) != nil else { return }
            body()
        }
        return Alarm { task.cancel() }
    }
}
