import Cluster
import Core
import Synchronization
import Wire

/// The coordinator's `HedgePolicy`, and what it counts. Any thread may use it.
final class Hedging: Sendable {
    private let policy = Mutex(HedgePolicy())
    private let hedges: Counter
    private let wins: Counter
    private let retries: Counter

    init(_ metrics: MetricRegistry) throws(ImpRAGError) {
        hedges = try metrics.counter(
            "imprag_hedged_searches_total", "Requests to a second replica because the first one took longer than usual."
        )
        wins = try metrics.counter("imprag_hedge_wins_total", "Those that were answered before the first one.")
        retries = try metrics.counter(
            "imprag_retried_searches_total", "Requests to another replica because one failed or turned silent.")
    }

    var delay: Duration? { policy.withLock { $0.delay } }
    var budget: Int { policy.withLock { $0.budget } }

    func asked(_ part: FanOut.Part) {
        policy.withLock { policy in
            if part.reason == .hedge { policy.hedged() } else { policy.asked() }
        }
        switch part.reason {
        case .first: break
        case .hedge: hedges.add()
        case .retry: retries.add()
        }
    }

    /// Records how long a part took, or was waited for until another one had answered.
    func record(_ time: Duration) { policy.withLock { $0.record(time) } }

    func won() { wins.add() }
}
