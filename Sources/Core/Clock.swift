/// Monotonic time for deadlines, timers and measurements. Injected everywhere: `SystemClock` is the machine's, and
/// tests and the simulation bring one that they advance by hand.
public protocol Clock: AnyObject, Sendable {
    var now: ContinuousClock.Instant { get }

    /// Calls `body` once, at `instant` or soon after, on any thread and never within this call. It must not block.
    ///
    /// - Returns: the means to cancel the call until it begins.
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
