import Core

/// What a node counts about its requests.
struct RequestMetrics: Sendable {
    private let requests: Counter
    private let failures: Counter
    private let seconds: Histogram
    private let clock: any Clock

    init(_ metrics: MetricRegistry, clock: any Clock) throws(ImpRAGError) {
        self.clock = clock
        requests = try metrics.counter("imprag_requests_total", "Requests that have ended, those for status left out.")
        failures = try metrics.counter(
            "imprag_failed_requests_total", "Requests that ended with an error other than a cancellation.")
        seconds = try metrics.histogram(
            "imprag_request_seconds", "From the arrival of a request to its end, whichever it was.")
    }

    /// Counts a request that began at `start` and ends now.
    func record(since start: ContinuousClock.Instant, failed: Bool) {
        seconds.record(clock.now - start)
        if failed { failures.add() }
        requests.add()
    }
}
