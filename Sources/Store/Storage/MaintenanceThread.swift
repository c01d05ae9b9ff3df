public import Core
internal import Platform
internal import Synchronization
internal import VectorIndex

/// Maintains the indexes of some partitions, on a thread of its own, within a share of one core.
public final class MaintenanceThread: Sendable {
    private let shared: Shared
    private let thread: NamedThread

    private final class Shared: Sendable {
        let isStopped = Atomic(false)
        let partitions: Mutex<[LivePartition]>

        init(_ partitions: [LivePartition]) { self.partitions = Mutex(partitions) }
    }

    private static let idleMilliseconds = 200
    private static let failureMilliseconds = 10_000

    /// - Parameters:
    ///   - share: of one core, above 0.
    ///   - log: called when an index was recalibrated, and when work fails; failed work is retried after ten seconds.
    /// - Throws: `resourceExhausted` when no thread can be started.
    public init(
        _ partitions: [LivePartition], share: Double, log: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        let shared = Shared(partitions)
        self.shared = shared
        thread = try NamedThread("maintenance") {
            while !shared.isStopped.load(ordering: .relaxed) {
                var worked = false
                var wait = Self.idleMilliseconds
                for live in shared.partitions.withLock({ $0 }) {
                    let throttle = Mutex(Throttle(share: share) { shared.isStopped.load(ordering: .relaxed) })
                    let before = live.calibration
                    do throws(ImpRAGError) {
                        let did = try live.maintain { () throws(ImpRAGError) in
                            try throttle.withLock { throttle throws(ImpRAGError) in try throttle.pause() }
                        }
                        worked = worked || did
                        if let now = live.calibration, now != before {
                            log(
                                "the index of \(live.partition.path) is calibrated with \(now.queries) \(now.source.words)"
                            )
                        }
                    } catch {
                        if shared.isStopped.load(ordering: .relaxed) { return }
                        log("the index of \(live.partition.path) is not kept in shape: \(error.message)")
                        wait = Self.failureMilliseconds
                    }
                }
                var waited = 0
                while !worked || wait > Self.idleMilliseconds, waited < wait, !shared.isStopped.load(ordering: .relaxed)
                {
                    _ = waitForInput(on: [], milliseconds: 50)
                    waited += 50
                }
            }
        }
    }

    /// Maintains one more partition from its next turn on.
    public func add(_ partition: LivePartition) { shared.partitions.withLock { $0.append(partition) } }

    /// Leaves a partition alone from its next turn on.
    public func remove(_ number: Int) {
        shared.partitions.withLock { $0.removeAll { $0.partition.number == number } }
    }

    /// Ends the work at its next pause. Does not block.
    public func stop() { shared.isStopped.store(true, ordering: .relaxed) }

    /// Waits for the thread to end, for about `milliseconds` at most. Returns whether it has: until then it may be
    /// inside RocksDB, which does not survive a process's exit handlers.
    public func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }
}
