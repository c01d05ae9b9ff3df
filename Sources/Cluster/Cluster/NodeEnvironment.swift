package import Core
package import Messaging
package import Platform

/// What a node uses of its machine: time, threads and the network. `system` is the real one; a simulation brings its
/// own.
package struct NodeEnvironment: Sendable {
    package let clock: any Clock
    private let executor: (any TaskExecutor)?
    /// Runs work that neither waits nor blocks, concurrently and never within the call itself.
    package let run: @Sendable (@escaping @Sendable () -> Void) -> Void
    /// What takes less may be done on a messenger's thread when nothing else waits for that: handing it over costs a
    /// tenth of it, and more where cores are few.
    package let shortWork: Duration
    private let workers: @Sendable (_ count: Int, _ name: String, _ queueLimit: Int) throws(ImpRAGError) -> any Workers
    private let messenger:
        @Sendable (_ name: String, _ keys: MessengerKeys?, _ limits: MessagingLimits) throws(ImpRAGError) -> Messenger

    package static let system = NodeEnvironment(
        clock: SystemClock.shared, executor: nil, run: { body in Task { body() } }, shortWork: .milliseconds(1),
        workers: { count, name, queueLimit throws(ImpRAGError) in
            try JobPool(name: name, count: count, queueLimit: queueLimit)
        },
        messenger: { name, keys, limits throws(ImpRAGError) in
            try Messenger(name: name, keys: keys, limits: limits)
        })

    /// - Parameters:
    ///   - executor: runs tasks, which may wait but not block; nil is the runtime's own pool.
    ///   - run: see the property.
    ///   - shortWork: see the property.
    ///   - workers: makes that many threads with one queue.
    ///   - messenger: makes the node's messenger.
    package init(
        clock: any Clock, executor: (any TaskExecutor)?,
        run: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void, shortWork: Duration,
        workers: @escaping @Sendable (Int, String, Int) throws(ImpRAGError) -> any Workers,
        messenger: @escaping @Sendable (String, MessengerKeys?, MessagingLimits) throws(ImpRAGError) -> Messenger
    ) {
        self.clock = clock
        self.executor = executor
        self.run = run
        self.shortWork = shortWork
        self.workers = workers
        self.messenger = messenger
    }

    /// `count` threads for jobs.
    ///
    /// - Parameters:
    ///   - name: what errors and `top -H` call the threads.
    ///   - queueLimit: jobs that may wait.
    package func workers(_ count: Int, _ name: String, queueLimit: Int) throws(ImpRAGError) -> any Workers {
        try workers(count, name, queueLimit)
    }

    package func messenger(
        _ name: String, keys: MessengerKeys? = nil, limits: MessagingLimits
    ) throws(ImpRAGError) -> Messenger {
        try messenger(name, keys, limits)
    }

    /// Runs `body`, which may wait but not block, concurrently.
    @discardableResult
    package func task(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: executor, operation: body)
    }

    /// Calls `body`, which neither waits nor blocks, after each `interval`, until it returns false or the task is
    /// cancelled.
    package func task(every interval: Duration, _ body: @escaping @Sendable () -> Bool) -> Task<Void, Never> {
        task { [clock] in
            repeat {
                // Throws only when the task is cancelled.
                guard (try? await clock.sleep(until: clock.now + interval)) != nil else { return }
            } while body()
        }
    }
}
