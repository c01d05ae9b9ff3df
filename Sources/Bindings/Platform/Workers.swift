public import Core

/// Threads with a job queue, for work that blocks or computes. `JobPool` is the real one; the simulation brings one
/// that runs jobs in simulated time.
public protocol Workers: AnyObject, Sendable {
    /// Queues a job. Throws `resourceExhausted` when the queue is full, `unavailable` after `stop`.
    func submit(_ job: @escaping @Sendable () -> Void) throws(ImpRAGError)

    /// Jobs that wait now.
    var waitingCount: Int { get }

    /// Refuses new jobs; queued ones are still done. Does not block.
    func stop()

    /// After `stop`: waits until everything is done, for at most about `milliseconds`. Returns whether it is.
    func join(milliseconds: Int) -> Bool
}

extension JobPool: Workers {}
