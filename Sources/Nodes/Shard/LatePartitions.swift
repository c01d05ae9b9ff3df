import Cluster
import Core
import Platform
import Synchronization

/// Partitions that a shard could not load when it started, and tries again while it serves the others; on a thread of
/// its own.
final class LatePartitions: PartitionMover {
    private let intake: PartitionIntake
    private let environment: NodeEnvironment
    private let thread: any Workers
    private let numbers: Mutex<[Int]>
    private let poll = Poll()

    private static let interval = Duration.seconds(1)

    /// - Parameter failures: why each of them could not be loaded.
    init(
        _ failures: [Int: ImpRAGError], intake: PartitionIntake, on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        self.intake = intake
        self.environment = environment
        numbers = Mutex(failures.keys.sorted())
        thread = try environment.workers(1, "late-partitions", queueLimit: 1)
        for (number, error) in failures.sorted(by: { $0.key < $1.key }) { intake.failed(number, error) }
    }

    func start() { poll.start(every: Self.interval, of: self, on: environment) { $0.look() } }

    var news: String? {
        let lines = intake.news
        return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }

    var failureCount: Int { intake.failureCount }

    func absence(of partition: Int) -> String? { intake.failure(of: partition).map { "it is not loaded: \($0)" } }

    func beginDraining() { poll.stop() }

    func stop() {
        beginDraining()
        thread.stop()
    }

    func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }

    private func look() {
        // Refused while one is being loaded and another look waits, and after the end.
        try? thread.submit { [weak self] in self?.round() }
    }

    private func round() {
        let waiting = numbers.withLock { $0 }
        guard let next = waiting.first(where: intake.isDue), intake.load(next, others: waiting.count - 1) else {
            return
        }
        let isDone = numbers.withLock { numbers in
            numbers.removeAll { $0 == next }
            return numbers.isEmpty
        }
        if isDone { poll.stop() }
    }
}
