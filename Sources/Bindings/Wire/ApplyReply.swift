import CWire

/// How far a shard has followed the log, and what an update did there.
public struct ApplyReply: Hashable, Sendable {
    /// The epoch that all of the shard's partitions have applied.
    public var epoch: Int
    /// What the request's update did in the shard's partitions; 0 when it named none.
    public var inserted: Int
    public var replaced: Int
    /// Passages that existed.
    public var deleted: Int

    public init(epoch: Int, inserted: Int = 0, replaced: Int = 0, deleted: Int = 0) {
        self.epoch = epoch
        self.inserted = inserted
        self.replaced = replaced
        self.deleted = deleted
    }
}

extension ApplyReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ApplyReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            epoch: try unsafe checkedEpoch(stored.epoch, "apply_reply.epoch"),
            inserted: try unsafe count(stored.inserted, "apply_reply.inserted"),
            replaced: try unsafe count(stored.replaced, "apply_reply.replaced"),
            deleted: try unsafe count(stored.deleted, "apply_reply.deleted"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ApplyReply> {
        let stored = unsafe arena.make(imprag__apply_reply__init)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        unsafe stored.pointee.inserted = UInt64(clamping: inserted)
        unsafe stored.pointee.replaced = UInt64(clamping: replaced)
        unsafe stored.pointee.deleted = UInt64(clamping: deleted)
        return unsafe stored
    }
}
