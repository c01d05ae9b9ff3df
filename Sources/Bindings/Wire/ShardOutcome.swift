import CWire

/// What became of one shard's part of a search.
public struct ShardOutcome: Hashable, Sendable {
    public var name: String
    public var state: ShardState
    /// Why not, when it did not answer.
    public var message: String
    public var passagesSearched: Int

    public init(
        name: String, state: ShardState, message: String = "", passagesSearched: Int
    ) {
        self.name = name
        self.state = state
        self.message = message
        self.passagesSearched = passagesSearched
    }
}

extension ShardOutcome: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardOutcome>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            name: try unsafe checkedText(stored.name, "shard_outcome.name"),
            state: try unsafe ShardState(stored: stored.state, "shard_outcome.state"),
            message: try unsafe checkedText(stored.message, "shard_outcome.message"),
            passagesSearched: try unsafe count(stored.passages_searched, "shard_outcome.passages_searched"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardOutcome> {
        let stored = unsafe arena.make(imprag__shard_outcome__init)
        unsafe stored.pointee.name = arena.bytes(of: name)
        unsafe stored.pointee.state = state.stored
        unsafe stored.pointee.message = arena.bytes(of: message)
        unsafe stored.pointee.passages_searched = UInt64(clamping: passagesSearched)
        return unsafe stored
    }
}
