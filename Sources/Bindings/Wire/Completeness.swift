import CWire

/// Which shards answered, and what share of the passages that is (DESIGN, section 4).
public struct Completeness: Hashable, Sendable {
    public var shards: [ShardOutcome]
    public var passagesSearched: Int
    /// Passages of all shards as far as known: of a shard that never answered, none.
    public var passagesTotal: Int
    /// False when a shard is missing.
    public var isComplete: Bool

    public init(
        shards: [ShardOutcome], passagesSearched: Int, passagesTotal: Int, isComplete: Bool
    ) {
        self.shards = shards
        self.passagesSearched = passagesSearched
        self.passagesTotal = passagesTotal
        self.isComplete = isComplete
    }
}

extension Completeness: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Completeness>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            shards: try unsafe messages(stored.shards, stored.n_shards, limit: WireLimit.nodes, "completeness.shards"),
            passagesSearched: try unsafe count(stored.passages_searched, "completeness.passages_searched"),
            passagesTotal: try unsafe count(stored.passages_total, "completeness.passages_total"),
            isComplete: unsafe stored.complete != 0)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Completeness> {
        let stored = unsafe arena.make(imprag__completeness__init)
        unsafe stored.pointee.n_shards = shards.count
        unsafe stored.pointee.shards = arena.array(shards)
        unsafe stored.pointee.passages_searched = UInt64(clamping: passagesSearched)
        unsafe stored.pointee.passages_total = UInt64(clamping: passagesTotal)
        unsafe stored.pointee.complete = isComplete ? 1 : 0
        return unsafe stored
    }
}
