import CWire

/// What an update did in one partition.
public struct PartitionOutcome: Hashable, Sendable {
    /// The partition's number, from 0.
    public var partition: Int
    public var inserted: Int
    public var replaced: Int
    /// Passages that existed.
    public var deleted: Int

    public init(partition: Int, inserted: Int = 0, replaced: Int = 0, deleted: Int = 0) {
        self.partition = partition
        self.inserted = inserted
        self.replaced = replaced
        self.deleted = deleted
    }
}

extension PartitionOutcome: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__PartitionOutcome>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            partition: Int(unsafe stored.partition),
            inserted: try unsafe count(stored.inserted, "partition_outcome.inserted"),
            replaced: try unsafe count(stored.replaced, "partition_outcome.replaced"),
            deleted: try unsafe count(stored.deleted, "partition_outcome.deleted"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__PartitionOutcome> {
        let stored = unsafe arena.make(imprag__partition_outcome__init)
        unsafe stored.pointee.partition = UInt32(clamping: partition)
        unsafe stored.pointee.inserted = UInt64(clamping: inserted)
        unsafe stored.pointee.replaced = UInt64(clamping: replaced)
        unsafe stored.pointee.deleted = UInt64(clamping: deleted)
        return unsafe stored
    }
}
