import CWire

/// What is known about one node's replica of a partition.
public struct PartitionFigures: Hashable, Sendable {
    /// The partition's number, from 0.
    public var partition: Int
    public var passages: Int
    /// Updates applied since it was indexed.
    public var sequence: Int

    public init(partition: Int, passages: Int, sequence: Int) {
        self.partition = partition
        self.passages = passages
        self.sequence = sequence
    }
}

extension PartitionFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__PartitionFigures>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            partition: Int(unsafe stored.partition),
            passages: try unsafe count(stored.passages, "partition_figures.passages"),
            sequence: try unsafe count(stored.sequence, "partition_figures.sequence"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__PartitionFigures> {
        let stored = unsafe arena.make(imprag__partition_figures__init)
        unsafe stored.pointee.partition = UInt32(clamping: partition)
        unsafe stored.pointee.passages = UInt64(clamping: passages)
        unsafe stored.pointee.sequence = UInt64(clamping: sequence)
        return unsafe stored
    }
}
