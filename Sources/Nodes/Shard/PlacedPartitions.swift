import Cluster
import Core
import Platform
import Storage
import Synchronization

/// Makes a shard serve the partitions that are placed with it: loads them, announces them, and gives them up when
/// others serve them. On a thread of its own, a step at a time; `ReplicaSchedule` says which.
///
/// Nothing is loaded or given up while etcd does not answer: what is known goes on being served.
final class PlacedPartitions: PartitionMover {
    private struct State {
        /// The shards among which partitions are placed, and since when these are all.
        var shards: [Placement.Shard] = []
        var since: ContinuousClock.Instant?
        var wanted: [[String]]?
        /// Partitions that are not announced any more, and since when.
        var leaving: [Int: ContinuousClock.Instant] = [:]
        /// Partitions that were given up, until the last search of them has ended and their replica is deleted.
        var retired: [Retired] = []
        /// Replicas of earlier times on the disk that may not be needed any more.
        var leftovers: Set<Int> = []
        var toldAt: ContinuousClock.Instant?
        var isLoaded = false
        var isDraining = false
        var isStopped = false
    }

    private struct Retired {
        let number: Int
        weak var partition: Partition?
    }

    private let name: String
    private let partitionCount: Int
    private let replicas: Int
    private let loader: PartitionLoader
    private let served: ServedPartitions
    private let intake: PartitionIntake
    private let membership: EtcdMembership
    private let environment: NodeEnvironment
    private let report: @Sendable (String) -> Void
    private let thread: any Workers
    private let loaded = BlockingQueue<Bool>(limit: 1)
    private let poll = Poll()
    private let state = Mutex(State())

    private static let interval = Duration.milliseconds(250)
    /// How long the shards must have been the same before partitions move: nodes that start, or register again, do so
    /// one after the other.
    static let settling = Duration.seconds(2)
    /// How long a partition is still served after it was last announced: coordinators learn of it a moment later.
    static let farewell = Duration.seconds(3)
    /// Between announcements of new epochs alone; coordinators ask for them more often.
    private static let epochInterval = Duration.seconds(30)

    /// - Parameters:
    ///   - name: the node's.
    ///   - replicas: shards that are to serve each partition.
    ///   - served: what the shard serves, changed through `intake` alone.
    ///   - membership: stopped with this.
    init(
        _ name: String, of partitionCount: Int, replicas: Int, loader: PartitionLoader, served: ServedPartitions,
        intake: PartitionIntake, membership: EtcdMembership, on environment: NodeEnvironment,
        report: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicas = replicas
        self.loader = loader
        self.served = served
        self.intake = intake
        self.membership = membership
        self.environment = environment
        self.report = report
        thread = try environment.workers(1, "placement", queueLimit: 2)
        let leftovers = Set((0..<partitionCount).filter(loader.hasReplica))
        state.withLock { $0.leftovers = leftovers }
    }

    func start() {
        poll.start(every: Self.interval, of: self, on: environment) { $0.look() }
    }

    /// Blocks until the partitions that are placed here at first are served, as far as they can be.
    func waitUntilLoaded() { _ = loaded.pop() }

    /// Announces nothing any more, so that the others count on it no longer. Its partitions stay placed here until its
    /// lease is over: it may only be restarted.
    func beginDraining() {
        state.withLock { $0.isDraining = true }
        membership.sayLast { registration in
            registration.isStopping = true
            registration.partitions = []
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        poll.stop()
        loaded.close()
        membership.stop()
        thread.stop()
    }

    func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }

    /// What an operator should know; nil when there is nothing.
    var news: String? {
        let all = [membership.trouble].compactMap(\.self) + intake.news
        return all.isEmpty ? nil : all.joined(separator: "; ")
    }

    var failureCount: Int { intake.failureCount }

    /// Whatever is not here has moved, as far as the caller is concerned: the registry has its place.
    func absence(of partition: Int) -> String? { "it has moved" }

    // MARK: Rounds

    private func look() {
        // Refused while a round is at work and another one waits, and after the end.
        try? thread.submit { [weak self] in self?.round() }
    }

    private func round() {
        guard state.withLock({ !$0.isStopped && !$0.isDraining }) else { return }
        let view = membership.view
        guard view.isCurrent, view.nodes.contains(where: { $0.name == name }) else { return }
        guard let wanted = settledPlacement(view) else { return }
        let held = Set(served.engines.map(\.partition))
        let steps = ReplicaSchedule.steps(
            of: name, holding: held, wanted: wanted,
            announced: view.nodes.announced(partitionCount: partitionCount))
        leave(steps.spare.intersection(held))
        clear(steps.spare)
        // What is not to be loaded any more is no news.
        intake.keepFailures(of: steps.load)
        let retired = state.withLock { $0.retired.map(\.number) }
        let next = steps.load.first { intake.isDue($0) && !retired.contains($0) }
        if let next {
            load(next, of: steps.load.count)
            look()
        } else if steps.load.isEmpty || !served.engines.isEmpty {
            finishLoading()
        }
        refreshEpochs()
    }

    /// Where the partitions are wanted; nil while the shards come and go.
    private func settledPlacement(_ view: EtcdMembership.View) -> [[String]]? {
        let shards = view.nodes.compactMap(\.placementShard)
        let now = environment.clock.now
        return state.withLock { state in
            if state.since == nil || shards != state.shards {
                (state.shards, state.since, state.wanted) = (shards, now, nil)
            }
            guard let since = state.since, now - since >= Self.settling else { return nil }
            let wanted =
                state.wanted
                ?? Placement.shards(partitions: partitionCount, replicas: replicas, among: shards)
            state.wanted = wanted
            return wanted
        }
    }

    private func load(_ number: Int, of count: Int) {
        state.withLock { _ = $0.leftovers.remove(number) }
        if intake.load(number, others: count - 1) { announce() }
    }

    /// The first partitions are there: the node begins to serve.
    private func finishLoading() {
        let isFirst = state.withLock { state in
            defer { state.isLoaded = true }
            return !state.isLoaded
        }
        guard isFirst else { return }
        announce()
        _ = loaded.push(true)
    }

    /// Says what is served, once the node serves.
    private func announce() {
        let leaving = state.withLock { $0.isLoaded && !$0.isDraining ? Set($0.leaving.keys) : nil }
        guard let leaving else { return }
        let partitions = served.engines.filter { !leaving.contains($0.partition) }.map {
            Registration.Served(number: $0.partition, epoch: $0.epoch)
        }
        state.withLock { $0.toldAt = environment.clock.now }
        membership.update { $0.partitions = partitions.sorted { $0.number < $1.number } }
    }

    private func refreshEpochs() {
        let now = environment.clock.now
        let isDue = state.withLock { state in state.toldAt.map { now - $0 >= Self.epochInterval } ?? false }
        if isDue { announce() }
    }

    // MARK: Giving up

    /// Takes partitions out of the registry first, and some seconds later out of service.
    private func leave(_ released: Set<Int>) {
        let now = environment.clock.now
        let (isNews, due) = state.withLock { state -> (Bool, [Int]) in
            let before = Set(state.leaving.keys)
            // Whoever should have taken one over may be gone: then it stays.
            state.leaving = state.leaving.filter { released.contains($0.key) }
            for number in released where state.leaving[number] == nil { state.leaving[number] = now }
            let due = state.leaving.filter { now - $0.value >= Self.farewell }.keys.sorted()
            return (before != Set(state.leaving.keys), due)
        }
        if isNews { announce() }
        // Until the registry says so, others may count on this replica.
        guard membership.isRegistered else { return }
        for number in due { remove(number) }
    }

    private func remove(_ number: Int) {
        guard let engine = served.engines.first(where: { $0.partition == number }) else { return }
        let partition = (engine as? PartitionEngine)?.live.partition
        intake.remove(engine)
        state.withLock { state in
            state.leaving[number] = nil
            state.retired.append(Retired(number: number, partition: partition))
        }
        report("gave partition \(number) up: others serve it")
    }

    /// Deletes the replicas that this node does not need any more.
    ///
    /// - Parameter spare: partitions that others serve as they should.
    private func clear(_ spare: Set<Int>) {
        let held = Set(served.engines.map(\.partition))
        let numbers = state.withLock { state -> [Int] in
            let free = state.retired.filter { $0.partition == nil }.map(\.number)
            state.retired.removeAll { $0.partition == nil }
            state.leftovers.subtract(held)
            let old = state.leftovers.intersection(spare)
            state.leftovers.subtract(old)
            return free + old
        }
        for number in numbers where !held.contains(number) {
            do throws(ImpRAGError) {
                try loader.delete(number)
            } catch {
                report(error.message)
            }
        }
    }
}
