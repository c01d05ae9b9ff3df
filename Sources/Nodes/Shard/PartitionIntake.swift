import Cluster
import Core
import Storage
import Synchronization

/// Loads single partitions of a shard that serves others, and adds each to all that keeps it up. Remembers which ones
/// could not be loaded, and when to try again. One thread loads; any may ask.
final class PartitionIntake: Sendable {
    private struct State {
        /// By partition that was loaded here: what it needs in memory.
        var memory: [Int: ByteCount] = [:]
        /// When a partition that could not be loaded is tried again, and why it could not.
        var failures: [Int: (retry: ContinuousClock.Instant, message: String)] = [:]
    }

    private let loader: PartitionLoader
    private let served: ServedPartitions
    private let follower: LogFollower?
    private let checkpointer: Checkpointer?
    private let maintenance: MaintenanceThread?
    private let clock: any Clock
    private let report: @Sendable (String) -> Void
    private let state = Mutex(State())

    private static let retry = Duration.seconds(5)

    /// - Parameters:
    ///   - served: what the shard serves; this alone changes it, as the partitions of the next three.
    ///   - follower: nil for partitions that stay as they are, as are the next two.
    init(
        _ loader: PartitionLoader, served: ServedPartitions, follower: LogFollower?, checkpointer: Checkpointer?,
        maintenance: MaintenanceThread?, clock: any Clock, report: @escaping @Sendable (String) -> Void
    ) {
        self.loader = loader
        self.served = served
        self.follower = follower
        self.checkpointer = checkpointer
        self.maintenance = maintenance
        self.clock = clock
        self.report = report
    }

    /// Partitions that could not be loaded.
    var failureCount: Int { state.withLock { $0.failures.count } }

    /// A line for each of them, in order.
    var news: [String] {
        state.withLock { $0.failures.sorted { $0.key < $1.key } }.map {
            "partition \($0.key) is not loaded: \($0.value.message)"
        }
    }

    /// Why a partition could not be loaded; nil for any other.
    func failure(of number: Int) -> String? { state.withLock { $0.failures[number]?.message } }

    /// Whether a partition that is not served may be loaded now.
    func isDue(_ number: Int) -> Bool {
        let now = clock.now
        return state.withLock { now >= $0.failures[number]?.retry ?? now }
    }

    /// Forgets the failures of all but these partitions.
    func keepFailures(of numbers: [Int]) {
        state.withLock { $0.failures = $0.failures.filter { numbers.contains($0.key) } }
    }

    /// Notes that a partition could not be loaded, and tells when that is news.
    func failed(_ number: Int, _ error: ImpRAGError) {
        let retry = clock.now + Self.retry
        let isNews = state.withLock { state in
            defer { state.failures[number] = (retry, error.message) }
            return state.failures[number]?.message != error.message
        }
        if isNews { report("partition \(number) is not loaded: \(error)") }
    }

    /// Loads a partition, and serves it from then on. Blocks, perhaps for minutes.
    ///
    /// - Parameter others: how many more partitions are expected to share the memory budget with it.
    /// - Returns: whether it is served now.
    func load(_ number: Int, others: Int) -> Bool {
        let start = clock.now
        let used = state.withLock { ByteCount($0.memory.values.reduce(0) { $0 + $1.bytes }) }
        do throws(ImpRAGError) {
            let loaded = try loader.load(number, used: used, others: others)
            do throws(ImpRAGError) {
                try follower?.add(loaded.engine)
            } catch {
                loaded.engine.stop()
                throw error
            }
            checkpointer?.add(loaded.live.partition)
            maintenance?.add(loaded.live)
            served.add(loaded.engine)
            state.withLock { state in
                state.memory[number] = loaded.plan
                state.failures[number] = nil
            }
            report("serves partition \(number) with \(loaded.engine.count) passages, after \(clock.now - start)")
            return true
        } catch {
            failed(number, error)
            return false
        }
    }

    /// Takes a partition out of service. Searches that have begun finish with it.
    func remove(_ engine: any SearchEngine) {
        let number = engine.partition
        served.remove(number)
        follower?.remove(number)
        checkpointer?.remove(number)
        maintenance?.remove(number)
        engine.stop()
        state.withLock { $0.memory[number] = nil }
    }
}
