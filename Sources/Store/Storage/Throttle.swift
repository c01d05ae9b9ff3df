internal import Core
internal import Platform

/// Limits background work to a share of one core by sleeping in proportion after each piece of work.
struct Throttle {
    /// Of one core, 0 to 1; with 1 it never sleeps.
    let share: Double
    let isStopped: @Sendable () -> Bool
    private var begun = ContinuousClock.now

    /// The longest single sleep, so that a stop is noticed soon.
    private static let napMilliseconds = 50

    init(share: Double, isStopped: @escaping @Sendable () -> Bool) {
        self.share = max(0.001, min(1, share))
        self.isStopped = isStopped
    }

    /// Sleeps in proportion to the time worked since the last call.
    ///
    /// - Throws: `cancelled` when the owner stops.
    mutating func pause() throws(ImpRAGError) {
        let worked = ContinuousClock.now - begun
        let wake = ContinuousClock.now + worked * ((1 - share) / share)
        repeat {
            if isStopped() { throw ImpRAGError(.cancelled, "background work stops with its node") }
            let left = wake - ContinuousClock.now
            let parts = left.components
            let milliseconds = Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
            if milliseconds > 0 { _ = waitForInput(on: [], milliseconds: min(milliseconds, Self.napMilliseconds)) }
        } while ContinuousClock.now < wake
        begun = .now
    }
}
