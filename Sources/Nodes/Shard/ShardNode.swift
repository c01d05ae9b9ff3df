import Cluster
public import Core
import Kernels
import Messaging
import ObjectStore
import Platform
import Storage
import VectorIndex
import Wire

/// Runs the shard `node` of the cluster file at `configurationPath` until SIGINT or SIGTERM.
///
/// - Throws: `invalidArgument` with every problem in the file, `notFound` and `dataLoss` when none of its partitions is
///   there and whole, `resourceExhausted` when it needs more than its memory budget, before it loads anything.
///
/// - Parameter zone: instead of the file's, for shards whose partitions are placed.
public func runShard(configurationPath: String, node: String, zone: String? = nil) async throws(ImpRAGError) {
    var limits = MessagingLimits()
    // Passage states are the largest messages; queries are small: 64 vectors of 16,384 numbers.
    limits.frameBytes = StoreStatesRequest.stateLimit.bytes
    limits.requestBytes = 3 * limits.frameBytes
    limits.requests = 1024
    try await NodeProcess.run(configurationPath: configurationPath, node: node, kind: .shard, limits: limits) {
        cluster, server throws(ImpRAGError) in
        if let membership = cluster.membership { return try loadPlacedShard(cluster, membership, zone, server) }
        guard zone == nil else {
            throw ImpRAGError(
                .invalidArgument,
                "--zone is for shards that divide the partitions among themselves, and the cluster file has no \"membership\""
            )
        }
        return try loadShard(cluster, server)
    }
}

/// Cache of passages read one by one, for each partition.
let partitionCacheBytes = 32 << 20

/// Opens the node's partitions, says what they need, and reads their vectors.
private func loadShard(_ cluster: ClusterConfiguration, _ server: NodeServer) throws(ImpRAGError) -> ShardService {
    let node = server.configuration
    let (settings, replicas) = try openReplicas(cluster, server)
    let index = replicas.index
    var failures: [Int: ImpRAGError] = [:]
    let partitions = try openPartitions(of: replicas, settings, &failures)
    let stores = openStates(of: index, settings)
    let plan = memoryPlan(partitions, stores, dimension: index.dimension, settings)
    try server.announce(plan)
    let crew = SearchCrew(threads: settings.searchWorkers)
    let lives = try readIndexes(
        of: partitions, crew, spare: node.memoryBudget.map { $0.bytes - plan.total.bytes }, settings, &failures)
    var engines: [any SearchEngine] = []
    for live in lives { engines.append(try PartitionEngine(live, settings: settings)) }
    let report: @Sendable (String) -> Void = { NodeProcess.log("\(node.name): \($0)") }
    let follower = settings.isReadOnly ? nil : try follow(replicas, engines, server)
    let checkpointer = try follower.map { follower throws(ImpRAGError) in
        try Checkpointer(
            replicas.collection, replicas.manifest.identity, partitions: lives.map(\.partition), follower: follower,
            after: settings.checkpointAfter, name: node.name, on: server.environment, report: report)
    }
    checkpointer?.start()
    let maintenance =
        settings.isReadOnly || settings.maintenanceShare <= 0
        ? nil : try MaintenanceThread(lives, share: settings.maintenanceShare, log: { NodeProcess.log($0) })
    let names = settings.partitions.map(String.init).joined(separator: ", ")
    let loader = PartitionLoader(
        replicas: replicas, settings: settings, crew: crew, node: node.name, base: plan, budget: node.memoryBudget)
    return try ShardService(
        engines: engines, settings: settings, crew: crew, follower: follower, checkpointer: checkpointer,
        maintenance: maintenance,
        states: stores.isEmpty ? nil : try ShardStates(stores, log: { NodeProcess.log($0) }),
        wordsWeight: index.manifest.words?.weight,
        detail: "index of partition \(names), dimension \(index.dimension)" + kernelDetail()
            + wordsDetail(index.manifest) + stateDetail(stores),
        metrics: server.metrics, on: server.environment
    ) { served throws(ImpRAGError) in
        guard !failures.isEmpty else { return nil }
        let intake = PartitionIntake(
            loader, served: served, follower: follower, checkpointer: checkpointer, maintenance: maintenance,
            clock: server.environment.clock, report: report)
        let late = try LatePartitions(failures, intake: intake, on: server.environment)
        late.start()
        return late
    }
}

/// The node's settings, and the collection that it serves partitions of.
func openReplicas(
    _ cluster: ClusterConfiguration, _ server: NodeServer
) throws(ImpRAGError) -> (settings: ShardSettings, replicas: ShardReplicas) {
    let node = server.configuration
    guard case .shard(let settings) = node.role, let path = node.index else {
        throw ImpRAGError(.internal, "\(node.name) is no shard")
    }
    let storeMetrics = try StoreMetrics(server.metrics, clock: server.environment.clock)
    let replicas = try ShardReplicas(
        path, data: settings.data, metrics: storeMetrics, clock: server.environment.clock
    ) {
        NodeProcess.log("\(node.name): \($0)")
    }
    guard replicas.index.partitionCount == cluster.partitionCount else {
        throw ImpRAGError(
            .failedPrecondition,
            "the index \(path) has \(replicas.index.partitionCount) partitions, but the cluster file says \"partitions\": \(cluster.partitionCount)"
        )
    }
    return (settings, replicas)
}

/// A partition on disk, and what its vector index will need.
struct OpenPartition {
    let partition: Partition
    let indexBytes: ByteCount

    /// Opens partition `number`, fetched from its checkpoint where that is needed.
    init(_ number: Int, of replicas: ShardReplicas, _ settings: ShardSettings) throws(ImpRAGError) {
        partition =
            settings.isReadOnly
            ? try replicas.read(number, cacheBytes: partitionCacheBytes)
            : try replicas.follow(number, cacheBytes: partitionCacheBytes)
        indexBytes = try LivePartition.requiredBytes(partition)
    }

    /// What it will need in memory.
    func add(to plan: inout MemoryPlan, _ settings: ShardSettings) {
        plan.add("indexes", indexBytes)
        plan.add("tables", partition.tableMemory)
        plan.add("passage caches", ByteCount(partitionCacheBytes))
        if settings.recallMeterShare > 0 {
            plan.add("recall meters", ByteCount.product(SampleQueries.limit, partition.dimension, 4))
        }
        if !settings.isReadOnly {
            plan.add("updates", LivePartition.updateBytes(dimension: partition.dimension))
            plan.add("recent writes", Partition.writeBuffers)
        }
    }

    /// Reads its index.
    ///
    /// - Parameter spare: what it may grow by; nil: without a limit.
    func live(_ crew: SearchCrew, spare: Int?, _ settings: ShardSettings) throws(ImpRAGError) -> LivePartition {
        let limit = indexBytes.bytes + LivePartition.updateBytes(dimension: partition.dimension).bytes
        return try LivePartition(
            partition,
            defaults: LivePartition.Defaults(
                recall: settings.recall, probes: settings.probes, candidates: settings.candidates),
            memoryLimit: spare.map { ByteCount(limit + max(0, $0)) }, keepsVectors: true, crew: crew)
    }
}

/// Opens the node's partitions, as far as they can be.
///
/// - Parameter failures: gets why others cannot be, by number.
/// - Throws: when none can be, and what is no single partition's fault.
private func openPartitions(
    of replicas: ShardReplicas, _ settings: ShardSettings, _ failures: inout [Int: ImpRAGError]
) throws(ImpRAGError) -> [OpenPartition] {
    try eachPartition(settings.partitions, number: \.self, &failures) { number throws(ImpRAGError) in
        try OpenPartition(number, of: replicas, settings)
    }
}

/// Calls `body` for each item. One that fails for what is damaged, missing or away is noted and holds up no other,
/// unless all do.
private func eachPartition<Item, Value>(
    _ items: [Item], number: (Item) -> Int, _ failures: inout [Int: ImpRAGError],
    _ body: (Item) throws(ImpRAGError) -> Value
) throws(ImpRAGError) -> [Value] {
    var values: [Value] = []
    for item in items {
        do throws(ImpRAGError) {
            values.append(try body(item))
        } catch {
            switch error.code {
            case .dataLoss, .notFound, .unavailable, .deadlineExceeded: failures[number(item)] = error
            default: throw error
            }
        }
    }
    if values.isEmpty, let first = failures.min(by: { $0.key < $1.key }) { throw first.value }
    return values
}

/// Brings `engines` up to the end of the log, and keeps them there.
private func follow(
    _ replicas: ShardReplicas, _ engines: [any SearchEngine], _ server: NodeServer
) throws(ImpRAGError) -> LogFollower {
    let name = server.configuration.name
    let follower = try makeFollower(replicas, engines, server)
    let first = follower.applied
    try follower.catchUp()
    if follower.applied > first {
        NodeProcess.log("\(name): the log's epochs \(first + 1) to \(follower.applied) are applied")
    }
    follower.start()
    return follower
}

/// - Parameter start: where to begin without engines.
func makeFollower(
    _ replicas: ShardReplicas, _ engines: [any SearchEngine], from start: Int = 0, _ server: NodeServer
) throws(ImpRAGError) -> LogFollower {
    let name = server.configuration.name
    return try LogFollower(
        CollectionLog(replicas.collection, replicas.manifest), engines: engines, from: start, on: server.environment,
        report: { NodeProcess.log("\(name): \($0)") },
        lost: {
            // It would serve what was once, for good. Whoever starts it again gets new replicas.
            NodeProcess.log("\(name) ends: its replicas cannot be kept up any more")
            exitImmediately(code: 1)
        })
}

/// What a shard will need with these partitions and stores.
func memoryPlan(
    _ partitions: [OpenPartition], _ stores: [StateStore], dimension: Int, _ settings: ShardSettings
) -> MemoryPlan {
    var plan = MemoryPlan()
    for opened in partitions { opened.add(to: &plan, settings) }
    for store in stores { plan.add("states of partitions", store.memory) }
    if !stores.isEmpty { plan.add("states on their way", ShardStates.memoryLimit) }
    let queued = settings.searchQueue + settings.searchWorkers
    plan.add("queued searches", ByteCount.product(queued, settings.maxQueries, dimension, 4))
    if !settings.isReadOnly {
        plan.add("a segment of the log", CollectionLog.segmentMemory)
        plan.add("outcomes of updates", LogFollower.outcomeMemory)
    }
    return plan
}

/// Reads the partitions' indexes, as far as they can be.
///
/// - Parameters:
///   - spare: what the memory budget leaves for growth, in equal shares; nil when there is no budget.
///   - failures: as in `openPartitions`.
private func readIndexes(
    of partitions: [OpenPartition], _ crew: SearchCrew, spare: Int?, _ settings: ShardSettings,
    _ failures: inout [Int: ImpRAGError]
) throws(ImpRAGError) -> [LivePartition] {
    let share = spare.map { max(0, $0) / max(1, partitions.count) }
    return try eachPartition(partitions, number: \.partition.number, &failures) { opened throws(ImpRAGError) in
        try opened.live(crew, spare: share, settings)
    }
}

/// The passage-state stores beside the node's partitions, as far as its settings want them. One that cannot be opened
/// is only logged: the passages can still be served.
private func openStates(of index: IndexDirectory, _ settings: ShardSettings) -> [StateStore] {
    if let budget = settings.stateBudget, budget.bytes == 0 { return [] }
    let budget = settings.isReadOnly ? nil : settings.stateBudget
    let part = budget.map { ByteCount(max(1, $0.bytes / max(1, settings.partitions.count))) }
    var stores: [StateStore] = []
    for number in settings.partitions {
        let path = index.statesPath(number)
        do throws(ImpRAGError) {
            let store = try StateStore(
                path: path, fingerprint: index.fingerprint, budget: part ?? ByteCount(0),
                access: part == nil ? .readOnly : .readWrite)
            if let discarded = store.discarded { NodeProcess.log("stored states are not used: \(discarded)") }
            // A read-only node opens threads only for a store that has something.
            if part != nil || store.figures.entries > 0 { stores.append(store) }
        } catch {
            NodeProcess.log("no states are kept beside partition \(number): \(error)")
        }
    }
    return stores
}

func wordsDetail(_ manifest: IndexManifest) -> String {
    guard let lexical = manifest.corpus.lexical else { return "" }
    return ", \(lexical) words" + (manifest.words.map { " that count \($0.weight)" } ?? "")
}

/// Which kernels scan and decode here, and why.
func kernelDetail() -> String { ", \(KernelLevel.description)" }

func stateDetail(_ stores: [StateStore]) -> String {
    guard !stores.isEmpty else { return "" }
    let sum = StateStoreFigures.combined(stores.map(\.figures))
    return ", \(sum.entries) stored states with \(sum.bytes) of \(sum.budget)"
}
