public import Core

/// Who serves what: a collection, its partitions, the replicas of each, and where they are. The single source of this.
///
/// Every node reads it from the cluster file, or makes it of what is registered in etcd. It may change while the
/// cluster runs: work that began with one finishes with it.
public struct Topology: Sendable, Hashable {
    /// A node that others can call.
    public struct Node: Sendable, Hashable {
        public let name: String
        public let kind: NodeRole
        public let endpoint: Endpoint

        public init(name: String, kind: NodeRole, endpoint: Endpoint) {
            self.name = name
            self.kind = kind
            self.endpoint = endpoint
        }
    }

    /// A range of the hash of passage ids, and the shards that have a copy of its passages.
    public struct Partition: Sendable, Hashable {
        public let number: Int
        /// Values of `PartitionRouting.hash`.
        public let hashes: ClosedRange<UInt64>
        /// Names of shards, the preferred one first; none while nobody serves it.
        public let replicas: [String]
    }

    /// Passages that were indexed together by one model.
    public struct Collection: Sendable, Hashable {
        /// In the order of their ranges, which together cover all hashes.
        public let partitions: [Partition]

        /// The partition of the passage `id`.
        ///
        /// - Complexity: O(log n) in the number of partitions.
        public func partition(of id: String) -> Partition {
            let hash = PartitionRouting.hash(of: id)
            var (low, high) = (0, partitions.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if partitions[middle].hashes.upperBound < hash { low = middle + 1 } else { high = middle }
            }
            return partitions[low]
        }
    }

    /// Grows with every change.
    public let version: Int
    /// In the cluster file's order.
    public let nodes: [Node]
    public let collection: Collection
    /// Whether replicas are those that shards have announced. Otherwise they are those that shards are to serve.
    public let isAnnounced: Bool

    /// Partitions of equal ranges.
    ///
    /// - Parameters:
    ///   - owners: the replicas of each partition, by number: at least one partition.
    public init(version: Int, nodes: [Node], owners: [[String]], isAnnounced: Bool = false) {
        precondition(!owners.isEmpty, "a collection has at least one partition")
        self.version = version
        self.nodes = nodes
        self.isAnnounced = isAnnounced
        collection = Collection(
            partitions: owners.enumerated().map { number, replicas in
                Partition(
                    number: number, hashes: PartitionRouting.range(of: number, partitionCount: owners.count),
                    replicas: replicas)
            })
    }

    /// All nodes of one kind, in order.
    public func nodes(of kind: NodeRole) -> [Node] { nodes.filter { $0.kind == kind } }

    /// The same, where shards serve only those of their partitions.
    ///
    /// - Parameter served: by name, for shards that do not serve all of theirs.
    public func limited(to served: [String: Set<Int>]) -> Topology {
        guard !served.isEmpty else { return self }
        let owners = collection.partitions.map { partition in
            partition.replicas.filter { served[$0]?.contains(partition.number) ?? true }
        }
        return Topology(version: version, nodes: nodes, owners: owners, isAnnounced: isAnnounced)
    }

    /// Whether every partition has a replica, and there is a generator.
    public var isWhole: Bool {
        collection.partitions.allSatisfy { !$0.replicas.isEmpty } && nodes.contains { $0.kind == .generator }
    }
}

extension ClusterConfiguration {
    /// Who serves what according to this file.
    public var topology: Topology {
        var owners = [[String]](repeating: [], count: partitionCount)
        for node in nodes {
            guard case .shard(let settings) = node.role else { continue }
            for partition in settings.partitions { owners[partition].append(node.name) }
        }
        return Topology(
            version: 1, nodes: nodes.map { Topology.Node(name: $0.name, kind: $0.kind, endpoint: $0.connect) },
            owners: owners)
    }
}
