import CWire

/// What became of one shard's part of a search.
public struct ShardOutcome: Hashable, Sendable {
    public var name: String
    public var state: ShardState
    /// Why not, when it did not answer.
    public var message: String
    public var passagesSearched: Int
    /// By the coordinator's clock, from the beginning of the fan-out to what became of its part: the last one, when it
    /// had several.
    public var duration: Duration
    /// What the shard took of that for searching, by its own clock; zero when it does not say.
    public var searchTime: Duration
    public var turn: ShardTurn
    /// Those that it searched.
    public var partitions: [PartitionFigures]

    public init(
        name: String, state: ShardState, message: String = "", passagesSearched: Int, duration: Duration = .zero,
        searchTime: Duration = .zero, turn: ShardTurn = .first, partitions: [PartitionFigures] = []
    ) {
        self.name = name
        self.state = state
        self.message = message
        self.passagesSearched = passagesSearched
        self.duration = duration
        self.searchTime = searchTime
        self.turn = turn
        self.partitions = partitions
    }
}

extension ShardOutcome: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardOutcome>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            name: try unsafe checkedText(stored.name, "shard_outcome.name"),
            state: try unsafe ShardState(stored: stored.state, "shard_outcome.state"),
            message: try unsafe checkedText(stored.message, "shard_outcome.message"),
            passagesSearched: try unsafe count(stored.passages_searched, "shard_outcome.passages_searched"),
            duration: try unsafe Wire.duration(stored.duration_us, "shard_outcome.duration_us"),
            searchTime: try unsafe Wire.duration(stored.search_us, "shard_outcome.search_us"),
            turn: try unsafe ShardTurn(stored: stored.turn, "shard_outcome.turn"),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "shard_outcome.partitions"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardOutcome> {
        let stored = unsafe arena.make(imprag__shard_outcome__init)
        unsafe stored.pointee.name = arena.bytes(of: name)
        unsafe stored.pointee.state = state.stored
        unsafe stored.pointee.message = arena.bytes(of: message)
        unsafe stored.pointee.passages_searched = UInt64(clamping: passagesSearched)
        unsafe stored.pointee.duration_us = microseconds(duration)
        unsafe stored.pointee.search_us = microseconds(searchTime)
        unsafe stored.pointee.turn = turn.stored
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        return unsafe stored
    }
}
