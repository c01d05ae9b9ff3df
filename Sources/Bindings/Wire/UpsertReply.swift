import CWire

/// What an upsert did.
public struct UpsertReply: Hashable, Sendable {
    /// Passages whose id existed already.
    public var replaced: Int
    public var inserted: Int
    /// Among all of them, passages with more tokens than the model reads; shards do not know.
    public var cut: Int
    /// The partitions that had a part, as they are after it.
    public var partitions: [PartitionFigures]

    public init(replaced: Int, inserted: Int, cut: Int = 0, partitions: [PartitionFigures] = []) {
        self.replaced = replaced
        self.inserted = inserted
        self.cut = cut
        self.partitions = partitions
    }
}

extension UpsertReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__UpsertReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            replaced: try unsafe count(stored.replaced, "upsert_reply.replaced"),
            inserted: try unsafe count(stored.inserted, "upsert_reply.inserted"),
            cut: try unsafe count(stored.cut, "upsert_reply.cut"),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "upsert_reply.partitions"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__UpsertReply> {
        let stored = unsafe arena.make(imprag__upsert_reply__init)
        unsafe stored.pointee.replaced = UInt64(clamping: replaced)
        unsafe stored.pointee.inserted = UInt64(clamping: inserted)
        unsafe stored.pointee.cut = UInt64(clamping: cut)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        return unsafe stored
    }
}
