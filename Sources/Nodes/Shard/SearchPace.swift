import Core
import Synchronization
import Wire

/// What the plainest kind of search takes, so that a shard knows which ones it may answer at once. Any thread may use
/// it.
final class SearchPace: Sendable {
    private struct State {
        /// The moving average; nil before the first.
        var time: Duration?
        /// Searches that wait or run on other threads.
        var running = 0
    }

    private let limit: Duration
    private let state = Mutex(State())

    /// The share of the latest search in the average: one that had to wait for the disk shows in it for about ten more.
    private static let weight = 8
    /// More passages than this are read and sent elsewhere.
    private static let mostPassages = 100

    /// - Parameter limit: a search that takes less may be answered at once.
    init(limit: Duration) {
        self.limit = limit
    }

    /// A search waits for a search thread, until `ended`.
    func began() { state.withLock { $0.running += 1 } }

    func ended() { state.withLock { $0.running -= 1 } }

    /// Whether a search may be answered at once, if it has a single query. While others run it takes its turn among
    /// them.
    func allows(_ search: ShardSearchRequest) -> Bool {
        isMeasured(by: search, queries: 1) && state.withLock { $0.running == 0 && $0.time.map { $0 < limit } ?? false }
    }

    /// Whether searches like this one are what is measured: one vector, no words, no filter, nothing asked for that
    /// costs more than usual.
    func isMeasured(by search: ShardSearchRequest, queries: Int) -> Bool {
        queries == 1 && search.words == nil && search.k <= Self.mostPassages
            && search.options == SearchOptions(minEpoch: search.options.minEpoch)
    }

    func record(_ time: Duration) {
        state.withLock { state in
            let before = state.time ?? time
            state.time = before + (time - before) / Self.weight
        }
    }
}
