import Core

/// Reports a job's progress, and cancels the job when the user asks for that.
struct ProgressReporter {
    let isCancelled: @Sendable () -> Bool
    let report: (QuantizeProgress) -> Void

    /// Begins a phase. The closure that it returns takes the amount done.
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
            let pace = Pace(done: done, of: total, seconds: seconds)
            reporter.report(QuantizeProgress(phase: phase, done: done, total: total, pace: pace))
        }
    }
}
