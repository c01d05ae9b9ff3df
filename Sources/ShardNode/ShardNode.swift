import ClusterConfiguration
public import Core
import Messaging
import NodeRuntime
import PassageStore
import VectorIndex

/// Runs the shard `node` of the cluster file at `configurationPath` until SIGINT or SIGTERM.
///
/// - Throws: `invalidArgument` with every problem of the file, `notFound` and `dataLoss` for a partition that is not
///   there or damaged, `resourceExhausted` when it needs more than its memory budget, before it loads anything.
public func runShard(configurationPath: String, node: String) async throws(ImpRAGError) {
    var limits = MessagingLimits()
    // Queries are small: 64 vectors of 16,384 numbers.
    limits.frameBytes = limits.envelopeBytes
    limits.requests = 1024
    try await NodeProcess.run(configurationPath: configurationPath, node: node, kind: .shard, limits: limits) {
        cluster, server throws(ImpRAGError) in
        try loadShard(cluster, server.configuration)
    }
}

/// Cache of passages read one by one, for each partition.
private let partitionCacheBytes = 32 << 20

/// Opens the node's partitions, says what they need, and reads their vectors.
private func loadShard(_ cluster: ClusterConfiguration, _ node: NodeConfiguration) throws(ImpRAGError) -> ShardService {
    guard case .shard(let settings) = node.role, let path = node.index else {
        throw ImpRAGError(.internal, "\(node.name) is no shard")
    }
    let index = try IndexDirectory(path: path)
    guard index.shardCount == cluster.shardCount else {
        throw ImpRAGError(
            .failedPrecondition,
            "the index \(path) has \(index.shardCount) partitions, but the cluster file says \"shards\": \(cluster.shardCount)"
        )
    }
    var plan = MemoryPlan()
    var partitions: [Partition] = []
    for number in settings.partitions {
        let partition = try index.partition(number, cacheBytes: partitionCacheBytes)
        plan.add("vectors of partition \(number)", partition.vectorBytes)
        plan.add("its cache", ByteCount(partitionCacheBytes))
        partitions.append(partition)
    }
    let queued = settings.searchQueue + settings.searchWorkers
    plan.add("queued searches", byteProduct(queued, settings.maxQueries, index.dimension, 4))
    if !settings.isReadOnly { plan.add("queued updates", ShardService.updateMemoryLimit) }
    NodeProcess.log("\(node.name) will need \(plan)")
    try plan.require(within: node.memoryBudget, node: node.name)
    var engines: [any SearchEngine] = []
    for partition in partitions { engines.append(try PartitionEngine(partition)) }
    let names = settings.partitions.map(String.init).joined(separator: ", ")
    return try ShardService(
        engines: engines, settings: settings,
        detail: "exact index of partition \(names), dimension \(index.dimension)")
}
