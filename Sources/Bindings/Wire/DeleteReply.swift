import CWire

/// A delete that is durable.
public struct DeleteReply: Hashable, Sendable {
    /// The epoch of the log, from 1, that holds the deletion.
    public var epoch: Int
    /// The request's wait was `found`, and every shard concerned has applied the epoch.
    public var found: Bool
    /// Passages that existed; 0 unless `found`.
    public var deleted: Int

    public init(epoch: Int, found: Bool = false, deleted: Int = 0) {
        self.epoch = epoch
        self.found = found
        self.deleted = deleted
    }
}

extension DeleteReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__DeleteReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            epoch: try unsafe checkedEpoch(stored.epoch, "delete_reply.epoch"),
            found: unsafe stored.found != 0,
            deleted: try unsafe count(stored.deleted, "delete_reply.deleted"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__DeleteReply> {
        let stored = unsafe arena.make(imprag__delete_reply__init)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        unsafe stored.pointee.found = found ? 1 : 0
        unsafe stored.pointee.deleted = UInt64(clamping: deleted)
        return unsafe stored
    }
}
