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

    public init(
        name: String, role: NodeRole, state: NodeState, passages: Int = 0, epoch: Int = 0,
        fingerprint: Fingerprint? = nil, detail: String = "", partitions: [PartitionFigures] = [],
        samples: [MetricSample] = []
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
                stored.samples, stored.n_samples, limit: WireLimit.samples, "node_status.samples"))
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
        return unsafe stored
    }
}
