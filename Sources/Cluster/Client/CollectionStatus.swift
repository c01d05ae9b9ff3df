public import Core
public import Wire

/// A collection as the coordinators that serve it report it.
public struct CollectionStatus: Sendable, Hashable {
    /// Empty for one without a name.
    public let name: String
    /// Sorted.
    public let aliases: [String]
    /// Partitions of which a replica is known, and the passages in them.
    public let partitions: Int
    public let passages: Int
    /// The newest epoch of the log that is known.
    public let epoch: Int
    /// The numbers of an embedding; 0 where it is not known.
    public let dimension: Int
    /// Of its model; nil while it is not known.
    public let fingerprint: Fingerprint?
    /// Whether every node of its cluster is ready.
    public let isReady: Bool

    /// - Parameter nodes: what a coordinator says of its cluster; nil when there is none among them.
    public init?(_ nodes: [NodeStatus]) {
        guard let coordinator = nodes.first(where: { $0.role == .coordinator }) else { return nil }
        name = coordinator.collection
        aliases = coordinator.aliases.sorted()
        dimension = coordinator.dimension
        fingerprint = coordinator.fingerprint
        epoch = coordinator.epoch
        isReady = nodes.allSatisfy { $0.state == .ready }
        // Of replicas, the one that is furthest.
        var furthest: [Int: PartitionFigures] = [:]
        for figures in nodes.flatMap(\.partitions)
        where furthest[figures.partition].map({ $0.epoch < figures.epoch }) ?? true {
            furthest[figures.partition] = figures
        }
        partitions = furthest.count
        passages = furthest.values.reduce(0) { $0 + $1.passages }
    }
}

/// A collection as one JSON object.
public func json(_ collection: CollectionStatus) -> JSONLine {
    var line = JSONLine()
    let name = collection.name.isEmpty ? "default" : collection.name
    line.add("id", name)
    line.add("object", "collection")
    line.add("name", name)
    line.add("aliases", collection.aliases)
    line.add("partitions", collection.partitions)
    line.add("passages", collection.passages)
    line.add("epoch", collection.epoch)
    line.add("dimension", collection.dimension)
    line.add("fingerprint", raw: collection.fingerprint.map { jsonString($0.description) } ?? "null")
    line.add("ready", collection.isReady)
    return line
}
