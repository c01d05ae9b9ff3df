import Core
import Synchronization

/// The partitions that a shard serves now. Whoever reads them goes on with what they were, so a partition that is taken
/// away lives until the last search of it has ended.
final class ServedPartitions: Sendable {
    private let current: Mutex<[any SearchEngine]>

    /// - Parameter engines: each of another partition.
    init(_ engines: [any SearchEngine] = []) { current = Mutex(engines) }

    /// In the order in which they came.
    var engines: [any SearchEngine] { current.withLock { $0 } }

    func add(_ engine: any SearchEngine) {
        current.withLock { engines in
            engines.removeAll { $0.partition == engine.partition }
            engines.append(engine)
        }
    }

    func remove(_ partition: Int) {
        current.withLock { $0.removeAll { $0.partition == partition } }
    }
}
