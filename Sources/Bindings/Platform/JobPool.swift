public import Core

/// A fixed number of threads that serve a bounded queue of jobs.
public final class JobPool: Sendable {
    private let name: String
    private let jobs: BlockingQueue<@Sendable () -> Void>
    private let threads: [NamedThread]

    /// Starts `count` threads, named `name-0`, `name-1` and so on.
    ///
    /// - Parameter queueLimit: jobs that may wait; beyond it `submit` throws.
    public init(name: String, count: Int, queueLimit: Int) throws(ImpRAGError) {
        precondition(count > 0, "a pool of \(count) threads does no work")
        self.name = name
        let jobs = BlockingQueue<@Sendable () -> Void>(limit: queueLimit)
        var threads: [NamedThread] = []
        for number in 0..<count {
            threads.append(
                try NamedThread("\(name)-\(number)") {
                    while let job = jobs.pop() { job() }
                })
        }
        self.jobs = jobs
        self.threads = threads
    }

    /// Queues a job. Throws `resourceExhausted` when the queue is full, `unavailable` after `stop`.
    public func submit(_ job: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        switch jobs.push(job) {
        case .accepted: return
        case .full:
            throw ImpRAGError(
                .resourceExhausted,
                "\(jobs.limit) requests already wait for \(name), which is its limit; try again later")
        case .closed:
            throw ImpRAGError(.unavailable, "\(name) is stopping")
        }
    }

    /// Jobs that wait now.
    public var waitingCount: Int { jobs.count }

    /// Refuses new jobs; the threads end when queued ones are done. Does not block.
    public func stop() {
        jobs.close()
    }

    /// Blocks until all threads have ended, for at most about `milliseconds`. Returns whether they have.
    public func join(milliseconds: Int) -> Bool {
        let deadline = Deadline.after(milliseconds: milliseconds)
        return threads.allSatisfy { $0.join(milliseconds: deadline.remainingMilliseconds) }
    }

    /// Blocks until all threads have ended. Only after `stop`, and not from the cooperative pool.
    public func join() {
        for thread in threads { thread.join() }
    }
}
