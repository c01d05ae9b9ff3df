import CWire

/// How far a shard has followed the log, and what an update did there.
public struct ApplyReply: Hashable, Sendable {
    /// The epoch that all of the shard's partitions have applied.
    public var epoch: Int
    /// What the request's update did. Without a partition whose process did not apply it, or applied it long ago; empty
    /// when the request named no update.
    public var partitions: [PartitionOutcome]

    public init(epoch: Int, partitions: [PartitionOutcome] = []) {
        self.epoch = epoch
        self.partitions = partitions
    }
}

extension ApplyReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ApplyReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            epoch: try unsafe checkedEpoch(stored.epoch, "apply_reply.epoch"),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "apply_reply.partitions"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ApplyReply> {
        let stored = unsafe arena.make(imprag__apply_reply__init)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        return unsafe stored
    }
}
