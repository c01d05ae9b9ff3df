import CWire
public import Core

/// How one node is.
public struct NodeStatus: Hashable, Sendable {
    public var name: String
    public var role: NodeRole
    public var state: NodeState
    public var passages: Int
    /// Resident memory of the process.
    public var memoryBytes: Int
    /// Since the node started.
    public var requests: Int
    /// Since the node started.
    public var failures: Int
    /// Of the durations of recent requests.
    public var median: Duration
    /// Of the durations of recent requests.
    public var percentile99: Duration
    /// Nil while it is not known.
    public var fingerprint: Fingerprint?
    /// For a person: why it is not ready, what it runs.
    public var detail: String
    /// Shards: nil while no search was measured.
    public var recall: RecallFigures?
    /// Shards: memory of the index: codes, lists, tables.
    public var indexBytes: Int
    /// Shards: passages that no list holds yet, so that every search compares with each of them.
    public var unindexedPassages: Int
    /// Shards: nil when they keep no passage states.
    public var states: StateStoreFigures?
    /// Generators: their active and queued requests.
    public var generation: GenerationFigures?
    /// Generators: what became of passages that they were to read.
    public var passageTier: PassageTierFigures?
    /// Coordinators: prompts that wait for the bottom layers.
    public var waitingPrompts: Int
    /// Shards: what they serve.
    public var partitions: [PartitionFigures]

    public init(
        name: String, role: NodeRole, state: NodeState, passages: Int = 0, memoryBytes: Int = 0, requests: Int = 0,
        failures: Int = 0, median: Duration = .zero, percentile99: Duration = .zero, fingerprint: Fingerprint? = nil,
        detail: String = "", recall: RecallFigures? = nil, indexBytes: Int = 0, unindexedPassages: Int = 0,
        states: StateStoreFigures? = nil, generation: GenerationFigures? = nil, passageTier: PassageTierFigures? = nil,
        waitingPrompts: Int = 0, partitions: [PartitionFigures] = []
    ) {
        self.name = name
        self.role = role
        self.state = state
        self.passages = passages
        self.memoryBytes = memoryBytes
        self.requests = requests
        self.failures = failures
        self.median = median
        self.percentile99 = percentile99
        self.fingerprint = fingerprint
        self.detail = detail
        self.recall = recall
        self.indexBytes = indexBytes
        self.unindexedPassages = unindexedPassages
        self.states = states
        self.generation = generation
        self.passageTier = passageTier
        self.waitingPrompts = waitingPrompts
        self.partitions = partitions
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
            memoryBytes: try unsafe count(stored.memory_bytes, "node_status.memory_bytes"),
            requests: try unsafe count(stored.requests, "node_status.requests"),
            failures: try unsafe count(stored.failures, "node_status.failures"),
            median: try unsafe duration(stored.p50_us, "node_status.p50_us"),
            percentile99: try unsafe duration(stored.p99_us, "node_status.p99_us"),
            fingerprint: try unsafe checkedFingerprint(stored.fingerprint, "node_status.fingerprint"),
            detail: try unsafe checkedText(stored.detail, "node_status.detail"),
            recall: try unsafe optionalSubmessage(stored.recall),
            indexBytes: try unsafe count(stored.index_bytes, "node_status.index_bytes"),
            unindexedPassages: try unsafe count(stored.unindexed_passages, "node_status.unindexed_passages"),
            states: try unsafe optionalSubmessage(stored.states),
            generation: try unsafe optionalSubmessage(stored.generation),
            passageTier: try unsafe optionalSubmessage(stored.passage_tier),
            waitingPrompts: try unsafe count(stored.waiting_prompts, "node_status.waiting_prompts"),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "node_status.partitions"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__NodeStatus> {
        let stored = unsafe arena.make(imprag__node_status__init)
        unsafe stored.pointee.name = arena.bytes(of: name)
        unsafe stored.pointee.role = role.stored
        unsafe stored.pointee.state = state.stored
        unsafe stored.pointee.passages = UInt64(clamping: passages)
        unsafe stored.pointee.memory_bytes = UInt64(clamping: memoryBytes)
        unsafe stored.pointee.requests = UInt64(clamping: requests)
        unsafe stored.pointee.failures = UInt64(clamping: failures)
        unsafe stored.pointee.p50_us = microseconds(median)
        unsafe stored.pointee.p99_us = microseconds(percentile99)
        unsafe stored.pointee.fingerprint = arena.bytes(of: fingerprint?.bytes ?? [])
        unsafe stored.pointee.detail = arena.bytes(of: detail)
        unsafe stored.pointee.recall = recall?.store(in: arena)
        unsafe stored.pointee.index_bytes = UInt64(clamping: indexBytes)
        unsafe stored.pointee.unindexed_passages = UInt64(clamping: unindexedPassages)
        unsafe stored.pointee.states = states?.store(in: arena)
        unsafe stored.pointee.generation = generation?.store(in: arena)
        unsafe stored.pointee.passage_tier = passageTier?.store(in: arena)
        unsafe stored.pointee.waiting_prompts = UInt64(clamping: waitingPrompts)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        return unsafe stored
    }
}
