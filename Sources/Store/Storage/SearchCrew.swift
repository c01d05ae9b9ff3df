internal import Core
internal import Kernels
internal import Synchronization

/// Threads that share the work of one search while no other is going on.
///
/// Under load each search keeps to its own thread, which is what gives most searches a second; a search that is alone is
/// answered sooner.
public final class SearchCrew: Sendable {
    private let pool: WorkerPool
    private let running = Atomic(0)

    /// A search scans for some hundred microseconds between the pieces that are shared: a helper that slept would come too late.
    private static let patience = 250

    /// - Parameter threads: counts the thread that searches.
    public init(threads: Int) {
        pool = WorkerPool(threadCount: threads, patience: Self.patience)
    }

    /// Calls `body` with the pool, or with nil while another search is going on.
    func join<Value, Failure: Error>(
        _ body: (WorkerPool?) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let others = running.add(1, ordering: .relaxed).oldValue
        defer { running.subtract(1, ordering: .relaxed) }
        return try body(others == 0 && pool.threadCount > 1 ? pool : nil)
    }

    /// The results of `work` for every number below `count`, in order: for a search of several partitions.
    public func map<Value: Sendable, Failure: Error>(
        _ count: Int, _ work: @Sendable (Int) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        // What is one search for the partition joins there.
        guard count > 1 else { return count == 1 ? [try work(0)] : [] }
        return try join { pool throws(Failure) in
            if let pool { return try pool.map(count, work) }
            var values: [Value] = []
            for index in 0..<count { values.append(try work(index)) }
            return values
        }
    }
}
