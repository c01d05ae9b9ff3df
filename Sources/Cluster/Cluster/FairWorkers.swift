package import Core
package import Platform
import Synchronization

/// Threads whose clients take turns: a client with many jobs does not make another one wait for all of them.
package final class FairWorkers<Client: Hashable & Sendable>: Sendable {
    private struct Job {
        let run: @Sendable () -> Void
        let refuse: @Sendable (ImpRAGError) -> Void
    }

    private struct State {
        var turns = TurnQueue<Client, Int>()
        var jobs: [Int: Job] = [:]
        var last = 0

        mutating func next() -> Job? { turns.next().flatMap { jobs.removeValue(forKey: $0) } }
    }

    private let workers: any Workers
    private let state = Mutex(State())

    package init(_ workers: any Workers) { self.workers = workers }

    /// Queues a job. In a full queue, the latest one of the client with the most gives way to a client with fewer.
    ///
    /// - Parameter refuse: called instead of `job` when it gives way.
    /// - Throws: as `Workers.submit`.
    package func submit(
        of client: Client, refuse: @escaping @Sendable (ImpRAGError) -> Void, _ job: @escaping @Sendable () -> Void
    ) throws(ImpRAGError) {
        let displaced = try state.withLock { state throws(ImpRAGError) -> (Job, ImpRAGError)? in
            var displaced: (Job, ImpRAGError)?
            do throws(ImpRAGError) {
                // A thread takes whose turn it is then, so each job put there stands for any one of those that wait.
                try workers.submit { [self] in self.state.withLock { $0.next() }?.run() }
            } catch {
                guard error.code == .resourceExhausted, let last = state.turns.displaced(by: client),
                    let job = state.jobs.removeValue(forKey: last)
                else { throw error }
                displaced = (job, error)
            }
            state.last += 1
            state.turns.add(state.last, of: client)
            state.jobs[state.last] = Job(run: job, refuse: refuse)
            return displaced
        }
        if let (job, error) = displaced { job.refuse(error) }
    }

    /// Jobs that wait now.
    package var waitingCount: Int { workers.waitingCount }

    /// Refuses new jobs; queued ones are still done. Does not block.
    package func stop() { workers.stop() }

    /// After `stop`: waits until everything is done, for at most about `milliseconds`. Returns whether it is.
    package func join(milliseconds: Int) -> Bool { workers.join(milliseconds: milliseconds) }
}
