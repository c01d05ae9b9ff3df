import CWire

/// An upsert that is durable.
public struct UpsertReply: Hashable, Sendable {
    /// The epoch of the log, from 1, that holds the passages.
    public var epoch: Int
    /// Among all of them, passages with more tokens than the model reads.
    public var cut: Int
    /// The request's wait was `found`, and every shard concerned has applied the epoch.
    public var found: Bool
    /// Passages whose id existed already; 0 unless `found`, like `inserted`.
    public var replaced: Int
    public var inserted: Int

    public init(epoch: Int, cut: Int = 0, found: Bool = false, replaced: Int = 0, inserted: Int = 0) {
        self.epoch = epoch
        self.cut = cut
        self.found = found
        self.replaced = replaced
        self.inserted = inserted
    }
}

extension UpsertReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__UpsertReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            epoch: try unsafe checkedEpoch(stored.epoch, "upsert_reply.epoch"),
            cut: try unsafe count(stored.cut, "upsert_reply.cut"),
            found: unsafe stored.found != 0,
            replaced: try unsafe count(stored.replaced, "upsert_reply.replaced"),
            inserted: try unsafe count(stored.inserted, "upsert_reply.inserted"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__UpsertReply> {
        let stored = unsafe arena.make(imprag__upsert_reply__init)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        unsafe stored.pointee.cut = UInt64(clamping: cut)
        unsafe stored.pointee.found = found ? 1 : 0
        unsafe stored.pointee.replaced = UInt64(clamping: replaced)
        unsafe stored.pointee.inserted = UInt64(clamping: inserted)
        return unsafe stored
    }
}
