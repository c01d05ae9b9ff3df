import Core

/// An amount that a minute's worth of fills up again steadily, and that may be owed: what a request costs is known
/// after it has begun.
struct Bucket {
    /// What fills in a minute, and the most there is.
    let capacity: Int
    private var level: Double
    private var time: ContinuousClock.Instant

    init(perMinute capacity: Int, at now: ContinuousClock.Instant) {
        self.capacity = capacity
        level = Double(capacity)
        time = now
    }

    private var perSecond: Double { Double(capacity) / 60 }

    mutating func take(_ amount: Int, at now: ContinuousClock.Instant) {
        level = min(Double(capacity), level(at: now) - Double(amount))
        time = max(time, now)
    }

    /// How much there is, in whole units; negative where some is owed.
    func whole(at now: ContinuousClock.Instant) -> Int { Int(level(at: now).rounded(.down)) }

    /// Until there are `amount`.
    func wait(for amount: Int, at now: ContinuousClock.Instant) -> Duration {
        .seconds(max(0, (Double(amount) - level(at: now)) / perSecond))
    }

    private func level(at now: ContinuousClock.Instant) -> Double {
        // Threads may come with their times out of order.
        let seconds = max(.zero, now - time) / .seconds(1)
        return min(Double(capacity), level + seconds * perSecond)
    }
}
