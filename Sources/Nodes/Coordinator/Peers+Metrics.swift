import Cluster
import Core
import Synchronization
import Wire

extension Peers {
    /// Why this coordinator cannot answer anybody yet; nil once there was a ready replica of each partition and a ready
    /// generator.
    ///
    /// What happens later is for the answers to tell: were every coordinator unready while a shard restarts, clients
    /// would find none that could say so.
    var unreached: String? {
        guard !wasReached.load(ordering: .relaxed) else { return nil }
        let members = membership.withLock { $0.members }
        let topology = routes(members)
        let ready = Set(members.lazy.filter { $0.state == .ready }.map(\.name))
        if let missing = topology.collection.partitions.first(where: { !$0.replicas.contains(where: ready.contains) }) {
            return "no ready shard with partition \(missing.number) has been reached yet"
        }
        guard topology.nodes(of: .generator).contains(where: { ready.contains($0.name) }) else {
            return "no ready generator has been reached yet"
        }
        wasReached.store(true, ordering: .relaxed)
        return nil
    }

    /// - Parameter newest: the newest epoch that this node has committed or seen in the log.
    func register(
        in metrics: MetricRegistry, newest: @escaping @Sendable () -> Int?
    ) throws(ImpRAGError) {
        for kind in [NodeRole.shard, .generator] {
            let labels = [MetricLabel("kind", kind.rawValue)]
            try metrics.gauge("imprag_nodes", "Shards and generators that belong to the cluster.", labels: labels) {
                [weak self] in self.map { Double($0.topology.nodes(of: kind).count) }
            }
            try metrics.gauge(
                "imprag_ready_nodes", "Those that are ready, as this coordinator sees it.", labels: labels
            ) {
                [weak self] in self.map { Double($0.members(of: kind, isReady: true).count) }
            }
        }
        try metrics.gauge(
            "imprag_ready_replicas", "Ready replicas of the partition that has the fewest, as this coordinator sees it."
        ) { [weak self] in
            self.flatMap { peers in
                let ready = Set(peers.members(of: .shard, isReady: true).map(\.name))
                return peers.knowledge.topology.collection.partitions.map { $0.replicas.count(where: ready.contains) }
                    .min()
            }.map(Double.init)
        }
        try metrics.gauge("imprag_epoch", "The newest epoch of the log that this node knows of.") { [weak self] in
            self.flatMap { peers in peers.newestEpoch(newest() ?? 0) }.map(Double.init)
        }
        try metrics.gauge("imprag_replica_lag_epochs", "Epochs that the slowest ready replica is behind that.") {
            [weak self] in
            self.flatMap { peers in
                let epochs = peers.members(of: .shard, isReady: true).flatMap(\.partitions).map(\.epoch)
                return epochs.min().map { Double(max(0, peers.newestEpoch(newest() ?? 0) - $0)) }
            }
        }
    }

    private func members(of kind: NodeRole, isReady: Bool) -> [Membership.Member] {
        membership.withLock { $0.members }.filter { $0.kind == kind && (!isReady || $0.state == .ready) }
    }

    private func newestEpoch(_ own: Int) -> Int {
        membership.withLock { $0.members }.flatMap(\.partitions).reduce(own) { max($0, $1.epoch) }
    }
}
