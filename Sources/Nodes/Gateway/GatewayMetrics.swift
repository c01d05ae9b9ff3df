import Cluster
import Core
import Synchronization

/// What a gateway counts about the requests that it answers.
final class GatewayMetrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let status: Int
    }

    private struct State {
        var requests: [Key: Counter] = [:]
        var seconds: [String: Histogram] = [:]
        var lastTold: ContinuousClock.Instant?
    }

    let registry = MetricRegistry()
    private let streams = Atomic(0)
    private let state = Mutex(State())

    /// Between two lines about requests that failed.
    private static let tellInterval = Duration.seconds(1)

    init() throws(ImpRAGError) {
        try registry.registerProcess()
        try registry.gauge(
            "imprag_http_open_streams", "Answers that are being streamed, or wait for their first event."
        ) { [weak self] in
            self.map { Double($0.streams.load(ordering: .relaxed)) }
        }
    }

    func beginStream() { streams.add(1, ordering: .relaxed) }

    func endStream() { streams.subtract(1, ordering: .relaxed) }

    /// Counts a request that has ended.
    ///
    /// - Parameters:
    ///   - route: nil for a path or a method that there is not, and for what the server refused before it read that.
    ///   - duration: nil where it was not measured.
    func record(_ route: GatewayRoute?, status: Int, duration: Duration? = nil) {
        let route = route?.label ?? "none"
        let (counter, histogram) = state.withLock { state in
            (self.counter(Key(route: route, status: status), &state), self.histogram(route, &state))
        }
        counter.add()
        if let duration { histogram.record(duration) }
    }

    /// Whether a line about a failure is due, which counts as written then.
    func isTimeToTell(_ now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            guard state.lastTold.map({ now - $0 >= Self.tellInterval }) ?? true else { return false }
            state.lastTold = now
            return true
        }
    }

    // Series begin with their first request: most of a hundred pairs of route and status never come.

    private func counter(_ key: Key, _ state: inout State) -> Counter {
        if let known = state.requests[key] { return known }
        let labels = [MetricLabel("route", key.route), MetricLabel("status", "\(key.status)")]
        let counter = Counter()
        register { () throws(ImpRAGError) in
            try registry.counter(
                "imprag_http_requests_total", "Requests that have ended, by the status of their answer.", labels: labels
            ) { counter.value }
        }
        state.requests[key] = counter
        return counter
    }

    private func histogram(_ route: String, _ state: inout State) -> Histogram {
        if let known = state.seconds[route] { return known }
        let histogram = Histogram()
        register { () throws(ImpRAGError) in
            try registry.histogram(
                "imprag_http_request_seconds", "From the arrival of a request to the end of its answer.",
                labels: [MetricLabel("route", route)]
            ) { histogram.figures }
        }
        state.seconds[route] = histogram
        return histogram
    }

    private func register(_ body: () throws(ImpRAGError) -> Void) {
        do throws(ImpRAGError) {
            try body()
        } catch {
            // The requests that it would count are answered all the same.
            assertionFailure("routes and statuses make metrics: \(error)")
        }
    }
}
