import Cluster
import Core
import Storage

/// Registers the node in etcd, and loads the partitions that are placed with it.
///
/// - Throws: as `runShard`; what is wrong with a single partition is only told, and tried again.
func loadPlacedShard(
    _ cluster: ClusterConfiguration, _ settings: MembershipSettings, _ zone: String?, _ server: NodeServer
) throws(ImpRAGError) -> ShardService {
    let node = server.configuration
    let (shard, replicas) = try openReplicas(cluster, server)
    let zone = try zone.map { zone throws(ImpRAGError) in try Registration.checkedZone(zone) } ?? shard.zone
    if !zone.isEmpty {
        try server.metrics.gauge("imprag_zone", "1, with the zone that it is in.", labels: [MetricLabel("zone", zone)])
        { 1 }
    }
    let index = replicas.index
    let stores = openStates(of: index, shard)
    let plan = memoryPlan([], stores, dimension: index.dimension, shard)
    try server.announce(plan)
    let report = RegistryFeed.report(of: node.name)
    let deadline = Deadline.after(milliseconds: headMilliseconds, on: server.environment.clock)
    let head = try CollectionLog(replicas.collection, replicas.manifest).head(deadline: deadline)
    let follower = try makeFollower(replicas, [], from: head, server)
    let checkpointer = try Checkpointer(
        replicas.collection, replicas.manifest.identity, partitions: [], follower: follower,
        after: shard.checkpointAfter, name: node.name, on: server.environment, report: report)
    let maintenance = try MaintenanceThread([], share: shard.maintenanceShare, log: { NodeProcess.log($0) })
    let membership = try EtcdMembership(
        settings, name: node.name,
        registering: Registration(
            role: .shard, endpoint: node.connect, fingerprint: index.fingerprint, weight: shard.weight, zone: zone),
        on: server.environment, report: report, changed: { _ in }, replaced: RegistryFeed.end(of: node.name))
    let served = ServedPartitions()
    let crew = SearchCrew(threads: shard.searchWorkers)
    let loader = PartitionLoader(
        replicas: replicas, settings: shard, crew: crew, node: node.name, base: plan, budget: node.memoryBudget)
    let intake = PartitionIntake(
        loader, served: served, follower: follower, checkpointer: checkpointer, maintenance: maintenance,
        clock: server.environment.clock, report: report)
    let placed = try PlacedPartitions(
        node.name, of: cluster.partitionCount, replicas: settings.replicas, loader: loader, served: served,
        intake: intake, membership: membership, on: server.environment, report: report)
    let service = try ShardService(
        served, fingerprint: index.fingerprint, dimension: index.dimension, settings: shard, crew: crew,
        follower: follower, checkpointer: checkpointer, maintenance: maintenance,
        states: stores.isEmpty ? nil : try ShardStates(stores, log: { NodeProcess.log($0) }),
        wordsWeight: index.manifest.words?.weight, mover: placed,
        detail: "partitions by etcd\(zone.isEmpty ? "" : ", zone \(zone)"), dimension \(index.dimension)"
            + kernelDetail() + wordsDetail(index.manifest)
            + stateDetail(stores),
        metrics: server.metrics, on: server.environment)
    follower.start()
    checkpointer.start()
    membership.start()
    placed.start()
    placed.waitUntilLoaded()
    return service
}

private let headMilliseconds = 60_000

/// One store for the node's states, whatever partitions it has at the moment: which of them a passage belongs to
/// changes.
private func openStates(of index: IndexDirectory, _ settings: ShardSettings) -> [StateStore] {
    guard let budget = settings.stateBudget, budget.bytes > 0 else { return [] }
    do throws(ImpRAGError) {
        let store = try StateStore(
            path: index.path + "/node.states", fingerprint: index.fingerprint, budget: budget, access: .readWrite)
        if let discarded = store.discarded { NodeProcess.log("stored states are not used: \(discarded)") }
        return [store]
    } catch {
        NodeProcess.log("no states are kept: \(error)")
        return []
    }
}
