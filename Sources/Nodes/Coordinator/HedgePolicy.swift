import Core

/// When a search asks a second replica, and how often it may. Pure.
///
/// A hedge is worth it for the few parts that take longer than nearly all others. When all of them take longer, for the
/// shards are busy, more requests would make it worse: so hedges are at most a twentieth of all requests.
struct HedgePolicy {
    /// Parts whose times are looked at.
    static let window = 256
    /// Parts that tell what is usual.
    static let samplesNeeded = 20
    /// Of their times.
    static let quantile = 0.95
    /// Sooner than this no hedge is worth its cost.
    static let shortestDelay = Duration.milliseconds(1)
    /// Hedges for each other request.
    static let share = 0.05
    /// The most hedges that may be saved up.
    static let savingLimit = 10.0
    /// The quantile is worked out again after this many parts.
    private static let interval = 16

    private var times: [Duration] = []
    private var oldest = 0
    private var recordedSince = 0
    private var saved = 0.0
    /// When to hedge a part; nil until enough parts have been seen.
    private(set) var delay: Duration?

    /// Records how long a part took, or was waited for in vain.
    mutating func record(_ time: Duration) {
        if times.count < Self.window {
            times.append(time)
        } else {
            times[oldest] = time
            oldest = (oldest + 1) % Self.window
        }
        recordedSince += 1
        guard times.count >= Self.samplesNeeded, delay == nil || recordedSince >= Self.interval else { return }
        recordedSince = 0
        let place = Int((Double(times.count - 1) * Self.quantile).rounded(.up))
        delay = max(Self.shortestDelay, times.sorted()[place])
    }

    /// A part was asked for that is no hedge.
    mutating func asked() { saved = min(Self.savingLimit, saved + Self.share) }

    /// A hedge was asked for. Several searches that look at the budget at once may overdraw it, and pay that back.
    mutating func hedged() { saved -= 1 }

    /// Hedges that may be asked for now.
    var budget: Int { max(0, Int(saved + 1e-9)) }
}
