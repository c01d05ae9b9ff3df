internal import Core

/// Shared by all steps of a run: cancellation and progress.
public struct RunMonitor {
    let isCancelled: @Sendable () -> Bool
    let report: (IndexProgress) -> Void
    let started = ContinuousClock.now

    /// - Parameters:
    ///   - isCancelled: called between batches; true ends the run with `cancelled`, and the same command resumes it.
    ///   - progress: called after every step, on the running thread.
    public init(
        isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping (IndexProgress) -> Void = { _ in }
    ) {
        (self.isCancelled, report) = (isCancelled, progress)
    }

    /// Seconds since the run began.
    var seconds: Double { Indexing.seconds(since: started) }

    func tell(
        _ phase: IndexProgress.Phase, _ done: Int, _ total: Int, doneBefore: Int = 0,
        since start: ContinuousClock.Instant
    ) {
        report(
            IndexProgress(
                phase: phase, done: done, total: total,
                pace: Pace(done: done, of: total, doneBefore: doneBefore, seconds: Indexing.seconds(since: start))))
    }

    /// - Parameter state: the state of the work, for the message.
    func checkCancelled(_ state: @autoclosure () -> String) throws(ImpRAGError) {
        if isCancelled() { throw Self.stopped(state()) }
    }

    static func stopped(_ state: String) -> ImpRAGError {
        ImpRAGError(.cancelled, "stopped (\(state)); run the same command again to go on")
    }
}

/// Seconds from `start` to now.
func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}
