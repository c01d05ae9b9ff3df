/// A snapshot of the counters of a passage-state store. Counts are since it was opened.
public struct StateStoreFigures: Hashable, Sendable {
    public var entries: Int
    /// Bytes of the budget that the entries use.
    public var bytes: ByteCount
    public var budget: ByteCount
    /// Cache hits.
    public var hits: Int
    public var misses: Int
    /// Entries evicted to make room.
    public var evictions: Int
    /// Entries that failed their checksum, and stores that were emptied because of damage.
    public var damaged: Int

    public init(
        entries: Int = 0, bytes: ByteCount = ByteCount(0), budget: ByteCount = ByteCount(0), hits: Int = 0,
        misses: Int = 0, evictions: Int = 0, damaged: Int = 0
    ) {
        self.entries = entries
        self.bytes = bytes
        self.budget = budget
        self.hits = hits
        self.misses = misses
        self.evictions = evictions
        self.damaged = damaged
    }

    /// The sum over several stores.
    public static func combined(_ stores: [StateStoreFigures]) -> StateStoreFigures {
        stores.reduce(StateStoreFigures()) { sum, figures in
            StateStoreFigures(
                entries: sum.entries + figures.entries, bytes: ByteCount(sum.bytes.bytes + figures.bytes.bytes),
                budget: ByteCount(sum.budget.bytes + figures.budget.bytes), hits: sum.hits + figures.hits,
                misses: sum.misses + figures.misses, evictions: sum.evictions + figures.evictions,
                damaged: sum.damaged + figures.damaged)
        }
    }
}
