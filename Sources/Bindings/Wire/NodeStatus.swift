import CWire
public import Core

/// The status of one node.
public struct NodeStatus: Hashable, Sendable {
    public var name: String
    public var role: NodeRole
    public var state: NodeState
    public var passages: Int
    /// Shards: the epoch of the log that all of their partitions have applied. Coordinators: the newest that they know.
    /// Generators: 0.
    public var epoch: Int
    /// Nil while it is not known.
    public var fingerprint: Fingerprint?
    /// For humans: why it is not ready, what it runs.
    public var detail: String
    /// Shards: the partitions they serve.
    public var partitions: [PartitionFigures]
    /// Its metrics.
    public var samples: [MetricSample]
    /// Coordinators: the collection that they serve; empty for one without a name.
    public var collection: String
    /// Coordinators: the aliases that stand for it, as known there, sorted.
    public var aliases: [String]
    /// Coordinators: the numbers of an embedding; 0 where it is not known.
    public var dimension: Int

    public init(
        name: String, role: NodeRole, state: NodeState, passages: Int = 0, epoch: Int = 0,
        fingerprint: Fingerprint? = nil, detail: String = "", partitions: [PartitionFigures] = [],
        samples: [MetricSample] = [], collection: String = "", aliases: [String] = [], dimension: Int = 0
    ) {
        self.name = name
        self.role = role
        self.state = state
        self.passages = passages
        self.epoch = epoch
        self.fingerprint = fingerprint
        self.detail = detail
        self.partitions = partitions
        self.samples = samples
        self.collection = collection
        self.aliases = aliases
        self.dimension = dimension
    }
}

extension NodeStatus: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__NodeStatus>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            name: try unsafe checkedText(stored.name, "node_status.name"),
            role: try unsafe NodeRole(stored: stored.role, "node_status.role"),
            state: try unsafe NodeState(stored: stored.state, "node_status.state"),
            passages: try unsafe count(stored.passages, "node_status.passages"),
            epoch: try unsafe checkedEpoch(stored.epoch, "node_status.epoch"),
            fingerprint: try unsafe checkedFingerprint(stored.fingerprint, "node_status.fingerprint"),
            detail: try unsafe checkedText(stored.detail, "node_status.detail"),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "node_status.partitions"),
            samples: try unsafe messages(
                stored.samples, stored.n_samples, limit: WireLimit.samples, "node_status.samples"),
            collection: try unsafe checkedText(stored.collection, "node_status.collection"),
            aliases: try unsafe texts(
                stored.aliases, stored.n_aliases, limit: WireLimit.aliases, "node_status.aliases"),
            dimension: Int(unsafe stored.dimension))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__NodeStatus> {
        let stored = unsafe arena.make(imprag__node_status__init)
        unsafe stored.pointee.name = arena.bytes(of: name)
        unsafe stored.pointee.role = role.stored
        unsafe stored.pointee.state = state.stored
        unsafe stored.pointee.passages = UInt64(clamping: passages)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        unsafe stored.pointee.fingerprint = arena.bytes(of: fingerprint?.bytes ?? [])
        unsafe stored.pointee.detail = arena.bytes(of: detail)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        unsafe stored.pointee.n_samples = samples.count
        unsafe stored.pointee.samples = arena.array(samples)
        unsafe stored.pointee.collection = arena.bytes(of: collection)
        unsafe stored.pointee.n_aliases = aliases.count
        unsafe stored.pointee.aliases = arena.array(aliases)
        unsafe stored.pointee.dimension = UInt32(clamping: dimension)
        return unsafe stored
    }
}
