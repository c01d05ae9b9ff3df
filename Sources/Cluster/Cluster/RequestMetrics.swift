import Core
import Messaging
import Synchronization
import Wire

/// What a node counts about the requests it answers.
final class RequestMetrics: Sendable {
    private let requests: Counter
    private let failures: [ErrorCode: Counter]
    private let seconds: Histogram
    private let clock: any Clock
    private let lastTold = Mutex<ContinuousClock.Instant?>(nil)

    /// Between lines about requests that failed as none should.
    private static let tellInterval = Duration.seconds(1)

    init(_ metrics: MetricRegistry, clock: any Clock) throws(ImpRAGError) {
        self.clock = clock
        requests = try metrics.counter("imprag_requests_total", "Requests that have ended, those for status left out.")
        var failures: [ErrorCode: Counter] = [:]
        // A cancelled request is no failure.
        for code in ErrorCode.allCases where code != .cancelled {
            failures[code] = try metrics.counter(
                "imprag_failed_requests_total", "Requests that ended with an error other than a cancellation.",
                labels: [MetricLabel("code", code.rawValue)])
        }
        self.failures = failures
        seconds = try metrics.histogram(
            "imprag_request_seconds", "From the arrival of a request to its end, whichever it was.")
    }

    /// Counts a request that began at `start` and ends now.
    func record(since start: ContinuousClock.Instant, failure: ErrorCode? = nil) {
        seconds.record(clock.now - start)
        if let failure { failures[failure]?.add() }
        requests.add()
    }

    /// Tells the operator of an error that no caller can do anything about, once a second at most.
    func tell(of error: ImpRAGError, in request: IncomingRequest, of node: String) {
        guard error.code == .internal || error.code == .dataLoss else { return }
        let isDue = lastTold.withLock { last in
            let now = clock.now
            guard last.map({ now - $0 >= Self.tellInterval }) ?? true else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        NodeProcess.log(
            "\(node): \(request.body.name) failed: \(error)", level: .error, trace: request.onwardTrace)
    }
}
