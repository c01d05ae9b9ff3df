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
/// - Throws: `invalidArgument` with every problem in the file, `notFound` and `dataLoss` for a partition that is not
///   there or damaged, `resourceExhausted` when it needs more than its memory budget, before it loads anything.
public func runShard(configurationPath: String, node: String) async throws(ImpRAGError) {
    var limits = MessagingLimits()
    // Passage states are the largest messages; queries are small: 64 vectors of 16,384 numbers.
    limits.frameBytes = StoreStatesRequest.stateLimit.bytes
    limits.requestBytes = 3 * limits.frameBytes
    limits.requests = 1024
    try await NodeProcess.run(configurationPath: configurationPath, node: node, kind: .shard, limits: limits) {
        cluster, server throws(ImpRAGError) in
        if let membership = cluster.membership { return try loadPlacedShard(cluster, membership, server) }
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
    let partitions = try openPartitions(of: replicas, settings)
    let stores = openStates(of: index, settings)
    let plan = memoryPlan(partitions, stores, dimension: index.dimension, settings)
    try server.announce(plan)
    let crew = SearchCrew(threads: settings.searchWorkers)
    let lives = try readIndexes(
        of: partitions, crew, spare: node.memoryBudget.map { $0.bytes - plan.total.bytes }, settings)
    var engines: [any SearchEngine] = []
    for live in lives { engines.append(try PartitionEngine(live, settings: settings)) }
    let follower = settings.isReadOnly ? nil : try follow(replicas, engines, server)
    let checkpointer = try follower.map { follower throws(ImpRAGError) in
        try Checkpointer(
            replicas.collection, replicas.manifest.identity, partitions: partitions.map(\.partition),
            follower: follower,
            after: settings.checkpointAfter, name: node.name, on: server.environment
        ) { NodeProcess.log("\(node.name): \($0)") }
    }
    checkpointer?.start()
    let maintenance =
        settings.isReadOnly || settings.maintenanceShare <= 0
        ? nil : try MaintenanceThread(lives, share: settings.maintenanceShare, log: { NodeProcess.log($0) })
    let names = settings.partitions.map(String.init).joined(separator: ", ")
    return try ShardService(
        engines: engines, settings: settings, crew: crew, follower: follower, checkpointer: checkpointer,
        maintenance: maintenance,
        states: stores.isEmpty ? nil : try ShardStates(stores, log: { NodeProcess.log($0) }),
        wordsWeight: index.manifest.words?.weight,
        detail: "index of partition \(names), dimension \(index.dimension)" + kernelDetail()
            + wordsDetail(index.manifest) + stateDetail(stores),
        metrics: server.metrics)
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

    init(_ partition: Partition) throws(ImpRAGError) {
        self.partition = partition
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

private func openPartitions(
    of replicas: ShardReplicas, _ settings: ShardSettings
) throws(ImpRAGError) -> [OpenPartition] {
    var opened: [OpenPartition] = []
    for number in settings.partitions {
        let partition =
            settings.isReadOnly
            ? try replicas.read(number, cacheBytes: partitionCacheBytes)
            : try replicas.follow(number, cacheBytes: partitionCacheBytes)
        opened.append(try OpenPartition(partition))
    }
    return opened
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

/// Reads the partitions' indexes.
///
/// - Parameter spare: what the memory budget leaves for growth, in equal shares; nil when there is no budget.
private func readIndexes(
    of partitions: [OpenPartition], _ crew: SearchCrew, spare: Int?, _ settings: ShardSettings
) throws(ImpRAGError) -> [LivePartition] {
    let share = spare.map { max(0, $0) / max(1, partitions.count) }
    var lives: [LivePartition] = []
    for opened in partitions { lives.append(try opened.live(crew, spare: share, settings)) }
    return lives
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
