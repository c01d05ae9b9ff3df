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

    var isBusy: Bool { running.load(ordering: .relaxed) > 0 }

    /// Calls `body` with the pool, or with nil while another search is going on.
    func join<Value>(
        _ body: (WorkerPool?) throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> Value {
        let others = running.add(1, ordering: .relaxed).oldValue
        defer { running.subtract(1, ordering: .relaxed) }
        return try body(others == 0 && pool.threadCount > 1 ? pool : nil)
    }

    /// The results of `work` for every number below `count`, in order: for a search of several partitions.
    public func map<Value: Sendable>(_ count: Int, _ work: @Sendable (Int) -> Value) -> [Value] {
        // What is one search for the partition joins there.
        guard count > 1 else { return (0..<count).map(work) }
        let others = running.add(1, ordering: .relaxed).oldValue
        defer { running.subtract(1, ordering: .relaxed) }
        return others == 0 ? pool.map(count, work) : (0..<count).map(work)
    }
}
