import Core

/// Makes a topology of what the registry knows. Pure.
///
/// Partitions and answers are routed to who has announced itself, and when nobody has, to who had last: a registry that
/// forgets (an etcd set up anew, leases that ran out because only etcd was away) must not stop nodes that serve.
public struct RegistryTopology: Sendable {
    public let partitionCount: Int
    public let replicas: Int
    public private(set) var topology: Topology
    /// Where the partitions are wanted, and among which shards: it takes milliseconds for many, and rarely changes.
    private var placed: (among: [Placement.Shard], wanted: [[String]])

    public init(partitionCount: Int, replicas: Int) {
        self.partitionCount = partitionCount
        self.replicas = replicas
        topology = Topology(
            version: 0, nodes: [], owners: [[String]](repeating: [], count: partitionCount),
            isAnnounced: true)
        placed = ([], topology.collection.partitions.map(\.replicas))
    }

    /// Takes over what is registered. Returns whether the topology has changed.
    public mutating func update(_ nodes: [RegisteredNode]) -> Bool {
        let last = topology
        var members = nodes.map {
            Topology.Node(name: $0.name, kind: $0.registration.role, endpoint: $0.registration.endpoint)
        }
        func keep(_ name: String) {
            guard !members.contains(where: { $0.name == name }),
                let known = last.nodes.first(where: { $0.name == name })
            else { return }
            members.append(known)
        }
        let shards = nodes.compactMap(\.placementShard)
        if shards != placed.among {
            placed = (
                shards, Placement.shards(partitions: partitionCount, replicas: replicas, among: shards)
            )
        }
        let announced = nodes.announced(partitionCount: partitionCount)
        let owners = (0..<partitionCount).map { partition -> [String] in
            let serving = announced[partition]
            guard !serving.isEmpty else {
                let kept = last.collection.partitions[partition].replicas
                for name in kept { keep(name) }
                return kept
            }
            let best = placed.wanted[partition].filter { serving.contains($0) }
            return best + serving.subtracting(best).sorted()
        }
        if !members.contains(where: { $0.kind == .generator }) {
            for node in last.nodes(of: .generator) { keep(node.name) }
        }
        members.sort { $0.name < $1.name }
        let next = Topology(version: last.version + 1, nodes: members, owners: owners, isAnnounced: true)
        guard next.nodes != last.nodes || next.collection != last.collection else { return false }
        topology = next
        return true
    }
}

/// A node of the registry.
public struct RegisteredNode: Sendable, Hashable {
    public let name: String
    public let registration: Registration

    public init(name: String, registration: Registration) {
        self.name = name
        self.registration = registration
    }

    /// Nil for a node that is no shard.
    public var placementShard: Placement.Shard? {
        registration.role == .shard
            ? Placement.Shard(name: name, weight: registration.weight, zone: registration.zone) : nil
    }
}

extension [RegisteredNode] {
    /// Who serves each partition, by number.
    public func announced(partitionCount: Int) -> [Set<String>] {
        var announced = [Set<String>](repeating: [], count: partitionCount)
        for node in self where node.registration.role == .shard && !node.registration.isStopping {
            for served in node.registration.partitions where served.number < partitionCount {
                announced[served.number].insert(node.name)
            }
        }
        return announced
    }
}
