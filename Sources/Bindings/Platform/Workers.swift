public import Core

/// Threads that jobs are given to, for work that blocks or computes. `JobPool` is the real one; a simulation brings one that
/// runs jobs as its time goes on.
public protocol Workers: AnyObject, Sendable {
    /// Queues a job. Throws `resourceExhausted` when the queue is full, `unavailable` after `stop`.
    func submit(_ job: @escaping @Sendable () -> Void) throws(ImpRAGError)

    /// Jobs that wait now.
    var waitingCount: Int { get }

    /// Refuses new jobs; those that wait are done. Does not block.
    func stop()

    /// After `stop`: waits until all is done, but not longer than about `milliseconds`. Returns whether it is.
    func join(milliseconds: Int) -> Bool
}

extension JobPool: Workers {}
