import Cluster
public import Core
import Messaging
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
        try loadShard(cluster, server)
    }
}

/// Cache of passages read one by one, for each partition.
private let partitionCacheBytes = 32 << 20

/// Opens the node's partitions, says what they need, and reads their vectors.
private func loadShard(_ cluster: ClusterConfiguration, _ server: NodeServer) throws(ImpRAGError) -> ShardService {
    let node = server.configuration
    guard case .shard(let settings) = node.role, let path = node.index else {
        throw ImpRAGError(.internal, "\(node.name) is no shard")
    }
    let index = try IndexDirectory(path: path)
    guard index.partitionCount == cluster.partitionCount else {
        throw ImpRAGError(
            .failedPrecondition,
            "the index \(path) has \(index.partitionCount) partitions, but the cluster file says \"partitions\": \(cluster.partitionCount)"
        )
    }
    var plan = MemoryPlan()
    var partitions: [Partition] = []
    var limits: [ByteCount] = []
    for number in settings.partitions {
        let partition = try index.partition(
            number, access: settings.isReadOnly ? .readOnly : .readWrite, cacheBytes: partitionCacheBytes)
        let needed = try LivePartition.requiredBytes(partition)
        plan.add("indexes", needed)
        plan.add("tables", partition.tableMemory)
        plan.add("passage caches", ByteCount(partitionCacheBytes))
        if settings.recallMeterShare > 0 {
            plan.add("recall meters", ByteCount.product(SampleQueries.limit, index.dimension, 4))
        }
        if !settings.isReadOnly {
            plan.add("updates", LivePartition.updateBytes(dimension: index.dimension))
            plan.add("recent writes", Partition.writeBuffers)
        }
        limits.append(ByteCount(needed.bytes + LivePartition.updateBytes(dimension: index.dimension).bytes))
        partitions.append(partition)
    }
    let stores = openStates(of: index, settings)
    for store in stores { plan.add("states of partitions", store.memory) }
    if !stores.isEmpty { plan.add("states on their way", ShardStates.memoryLimit) }
    let queued = settings.searchQueue + settings.searchWorkers
    plan.add("queued searches", ByteCount.product(queued, settings.maxQueries, index.dimension, 4))
    if !settings.isReadOnly { plan.add("queued updates", ShardService.updateMemoryLimit) }
    try server.announce(plan)
    // What the budget leaves is for growth, in equal shares.
    let spare = node.memoryBudget.map { max(0, $0.bytes - plan.total.bytes) / max(1, partitions.count) }
    let crew = SearchCrew(threads: settings.searchWorkers)
    var lives: [LivePartition] = []
    for (partition, limit) in zip(partitions, limits) {
        lives.append(
            try LivePartition(
                partition,
                defaults: LivePartition.Defaults(
                    recall: settings.recall, probes: settings.probes, candidates: settings.candidates),
                memoryLimit: spare.map { ByteCount(limit.bytes + $0) }, crew: crew))
    }
    var engines: [any SearchEngine] = []
    for live in lives { engines.append(try PartitionEngine(live, settings: settings)) }
    let maintenance =
        settings.isReadOnly || settings.maintenanceShare <= 0
        ? nil : try MaintenanceThread(lives, share: settings.maintenanceShare, log: { NodeProcess.log($0) })
    let names = settings.partitions.map(String.init).joined(separator: ", ")
    return try ShardService(
        engines: engines, settings: settings, crew: crew, maintenance: maintenance,
        states: stores.isEmpty ? nil : try ShardStates(stores, log: { NodeProcess.log($0) }),
        wordsWeight: index.manifest.words?.weight,
        detail: "index of partition \(names), dimension \(index.dimension)" + wordsDetail(index.manifest)
            + stateDetail(stores),
        metrics: server.metrics)
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

private func wordsDetail(_ manifest: IndexManifest) -> String {
    guard let lexical = manifest.corpus.lexical else { return "" }
    return ", \(lexical) words" + (manifest.words.map { " that count \($0.weight)" } ?? "")
}

private func stateDetail(_ stores: [StateStore]) -> String {
    guard !stores.isEmpty else { return "" }
    let sum = StateStoreFigures.combined(stores.map(\.figures))
    return ", \(sum.entries) stored states with \(sum.bytes) of \(sum.budget)"
}
