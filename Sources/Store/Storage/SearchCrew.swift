internal import Core
internal import Kernels
internal import Synchronization

/// Threads that share the work of a search that runs alone.
///
/// Under load each search stays on its own thread, which gives the highest throughput; a search that runs alone is
/// answered sooner.
public final class SearchCrew: Sendable {
    private let pool: WorkerPool
    private let running = Atomic(0)

    /// Microseconds that a helper spins for more work: a search has gaps of some hundred between shared pieces, and
    /// waking a sleeping thread would take too long.
    private static let patience = 250

    /// - Parameter threads: including the searching thread.
    public init(threads: Int) {
        pool = WorkerPool(threadCount: threads, patience: Self.patience)
    }

    /// Calls `body` with the pool, or with nil while another search is running.
    func join<Value, Failure: Error>(
        _ body: (WorkerPool?) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let others = running.add(1, ordering: .relaxed).oldValue
        defer { running.subtract(1, ordering: .relaxed) }
        return try body(others == 0 && pool.threadCount > 1 ? pool : nil)
    }

    /// The results of `work` for every number below `count`, in order; for searches of several partitions.
    public func map<Value: Sendable, Failure: Error>(
        _ count: Int, _ work: @Sendable (Int) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        // With one partition, its own search joins the crew.
        guard count > 1 else { return count == 1 ? [try work(0)] : [] }
        return try join { pool throws(Failure) in
            if let pool { return try pool.map(count, work) }
            var values: [Value] = []
            for index in 0..<count { values.append(try work(index)) }
            return values
        }
    }
}
