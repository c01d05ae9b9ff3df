import CWire

/// What is known about one node's replica of a partition.
public struct PartitionFigures: Hashable, Sendable {
    /// The partition's number, from 0.
    public var partition: Int
    public var passages: Int
    /// The epoch of the log that it has applied; 0: as it was indexed.
    public var epoch: Int
    /// In what became of a search: how long it took in this partition.
    public var searchTime: Duration

    public init(partition: Int, passages: Int, epoch: Int, searchTime: Duration = .zero) {
        self.partition = partition
        self.passages = passages
        self.epoch = epoch
        self.searchTime = searchTime
    }
}

extension PartitionFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__PartitionFigures>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            partition: Int(unsafe stored.partition),
            passages: try unsafe count(stored.passages, "partition_figures.passages"),
            epoch: try unsafe checkedEpoch(stored.epoch, "partition_figures.epoch"),
            searchTime: try unsafe duration(stored.search_us, "partition_figures.search_us"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__PartitionFigures> {
        let stored = unsafe arena.make(imprag__partition_figures__init)
        unsafe stored.pointee.partition = UInt32(clamping: partition)
        unsafe stored.pointee.passages = UInt64(clamping: passages)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        unsafe stored.pointee.search_us = microseconds(searchTime)
        return unsafe stored
    }
}
