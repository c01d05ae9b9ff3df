import CWire

/// What a delete did.
public struct DeleteReply: Hashable, Sendable {
    /// Passages that existed.
    public var deleted: Int
    /// The partitions that had a part, as they are after it.
    public var partitions: [PartitionFigures]

    public init(deleted: Int, partitions: [PartitionFigures] = []) {
        self.deleted = deleted
        self.partitions = partitions
    }
}

extension DeleteReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__DeleteReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            deleted: try unsafe count(stored.deleted, "delete_reply.deleted"),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "delete_reply.partitions"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__DeleteReply> {
        let stored = unsafe arena.make(imprag__delete_reply__init)
        unsafe stored.pointee.deleted = UInt64(clamping: deleted)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        return unsafe stored
    }
}
