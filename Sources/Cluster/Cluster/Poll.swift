import Synchronization

/// Calls something of its owner at equal intervals, until it is stopped or the owner is gone.
package final class Poll: Sendable {
    private let task = Mutex<Task<Void, Never>?>(nil)

    package init() {}

    /// - Parameter look: neither waits nor blocks.
    package func start<Owner: AnyObject & Sendable>(
        every interval: Duration, of owner: Owner, on environment: NodeEnvironment,
        _ look: @escaping @Sendable (Owner) -> Void
    ) {
        let task = environment.task(every: interval) { [weak owner] in
            guard let owner else { return false }
            look(owner)
            return true
        }
        self.task.withLock { $0 = task }
    }

    package func stop() { task.withLock { $0 }?.cancel() }
}
