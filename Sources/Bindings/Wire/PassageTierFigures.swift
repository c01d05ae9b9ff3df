import CWire
public import Core

/// What became of passages that a generator was to read, since the start.
public struct PassageTierFigures: Hashable, Sendable {
    /// Found in the generator's memory.
    public var remembered: Int
    /// Found in a shard.
    public var fetched: Int
    /// Read from their text.
    public var computed: Int
    /// States from a shard that did not fit their passage: it was read from its text instead.
    public var damaged: Int
    /// Questions to shards that failed: their passages were read from their text.
    public var failures: Int
    /// Given to shards to keep.
    public var stored: Int
    /// Not given to a shard because too many waited.
    public var dropped: Int
    /// In the generator's memory now.
    public var entries: Int
    public var bytes: ByteCount
    /// The most that its memory may hold.
    public var limit: ByteCount

    public init(
        remembered: Int = 0, fetched: Int = 0, computed: Int = 0, damaged: Int = 0, failures: Int = 0, stored: Int = 0,
        dropped: Int = 0, entries: Int = 0, bytes: ByteCount = ByteCount(0), limit: ByteCount = ByteCount(0)
    ) {
        self.remembered = remembered
        self.fetched = fetched
        self.computed = computed
        self.damaged = damaged
        self.failures = failures
        self.stored = stored
        self.dropped = dropped
        self.entries = entries
        self.bytes = bytes
        self.limit = limit
    }
}

extension PassageTierFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__PassageTierFigures>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            remembered: try unsafe count(stored.remembered, "passage_tier_figures.remembered"),
            fetched: try unsafe count(stored.fetched, "passage_tier_figures.fetched"),
            computed: try unsafe count(stored.computed, "passage_tier_figures.computed"),
            damaged: try unsafe count(stored.damaged, "passage_tier_figures.damaged"),
            failures: try unsafe count(stored.failures, "passage_tier_figures.failures"),
            stored: try unsafe count(stored.stored, "passage_tier_figures.stored"),
            dropped: try unsafe count(stored.dropped, "passage_tier_figures.dropped"),
            entries: try unsafe count(stored.entries, "passage_tier_figures.entries"),
            bytes: ByteCount(try unsafe count(stored.bytes, "passage_tier_figures.bytes")),
            limit: ByteCount(try unsafe count(stored.limit, "passage_tier_figures.limit")))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__PassageTierFigures> {
        let stored = unsafe arena.make(imprag__passage_tier_figures__init)
        unsafe stored.pointee.remembered = UInt64(clamping: remembered)
        unsafe stored.pointee.fetched = UInt64(clamping: fetched)
        unsafe stored.pointee.computed = UInt64(clamping: computed)
        unsafe stored.pointee.damaged = UInt64(clamping: damaged)
        unsafe stored.pointee.failures = UInt64(clamping: failures)
        unsafe stored.pointee.stored = UInt64(clamping: self.stored)
        unsafe stored.pointee.dropped = UInt64(clamping: dropped)
        unsafe stored.pointee.entries = UInt64(clamping: entries)
        unsafe stored.pointee.bytes = UInt64(clamping: bytes.bytes)
        unsafe stored.pointee.limit = UInt64(clamping: limit.bytes)
        return unsafe stored
    }
}
