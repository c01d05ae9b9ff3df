import Core

/// Tells how far a job is, and ends it where its user asks for that.
struct ProgressReporter {
    let isCancelled: @Sendable () -> Bool
    let report: (QuantizeProgress) -> Void

    /// A phase that begins now: what it returns is called with what is done.
    func begin(_ phase: QuantizeProgress.Phase, total: Int) -> Ticker {
        Ticker(reporter: self, phase: phase, total: total, start: .now)
    }

    struct Ticker {
        fileprivate let reporter: ProgressReporter
        fileprivate let phase: QuantizeProgress.Phase
        fileprivate let total: Int
        fileprivate let start: ContinuousClock.Instant

        /// Throws `cancelled` when the work should stop.
        func callAsFunction(_ done: Int) throws(ImpRAGError) {
            guard !reporter.isCancelled() else { throw ImpRAGError(.cancelled, "stopped") }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            reporter.report(QuantizeProgress(phase: phase, done: done, total: total, seconds: seconds))
        }
    }
}
