import Synchronization

/// Durations since the node started, counted in fixed buckets. Any thread may record; a short lock keeps the counts and
/// their sum together, and nothing is allocated.
public final class Histogram: Sendable {
    /// The upper bounds of the buckets in seconds, inclusive, from 100 µs (a search of a small shard) to a minute; a
    /// last bucket takes what is longer. Each is at most about twice the one before, so that quantiles stay meaningful.
    public static let bounds = [
        0.0001, 0.00015, 0.0002, 0.0003, 0.0005, 0.0007, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02,
        0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 60,
    ]

    private struct State {
        /// Per bucket, not cumulative.
        var counts = [Int](repeating: 0, count: bounds.count + 1)
        var sum = Duration.zero
    }

    private let state = Mutex(State())

    public init() {}

    /// A negative duration counts as none, one of more than a day as a day: the sum cannot overflow.
    public func record(_ duration: Duration) {
        let duration = min(max(duration, .zero), .seconds(86_400))
        let seconds = duration / .seconds(1)
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += duration
        }
    }

    public var figures: HistogramFigures {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        return HistogramFigures(bounds: Self.bounds, bucketCounts: counts, sum: sum / .seconds(1))
    }
}
