public import Core
import Synchronization

/// What a node counts about its requests, in fixed memory. Any thread may record.
public final class NodeMetrics: Sendable {
    /// The figures at one moment.
    public struct Figures: Hashable, Sendable {
        /// Requests that have ended since the start.
        public var requests = 0
        public var failures = 0
        /// Quantiles of the durations of recent requests.
        public var median = Duration.zero
        public var percentile99 = Duration.zero
    }

    private struct State {
        var requests = 0
        var failures = 0
        var durations = LatencyHistogram()
    }

    private let state = Mutex(State())

    private let clock: any Clock

    public init(clock: any Clock) {
        self.clock = clock
    }

    /// Counts a request that began at `start` and has ended now.
    public func record(since start: ContinuousClock.Instant, failed: Bool) {
        let duration = clock.now - start
        state.withLock { state in
            state.requests += 1
            if failed { state.failures += 1 }
            state.durations.record(duration)
        }
    }

    public var figures: Figures {
        state.withLock { state in
            Figures(
                requests: state.requests, failures: state.failures,
                median: .microseconds(state.durations.microseconds(atQuantile: 0.5)),
                percentile99: .microseconds(state.durations.microseconds(atQuantile: 0.99)))
        }
    }
}
