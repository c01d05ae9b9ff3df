public import Core
public import Storage
public import VectorIndex
public import Wire

/// One partition, as the shard needs it. The real one is `PartitionEngine`; tests bring their own.
///
/// Any thread may call it: searches run concurrently with each other and with one `apply` at a time.
public protocol SearchEngine: Sendable {
    var fingerprint: Fingerprint { get }
    /// Numbers per vector.
    var dimension: Int { get }
    /// The partition's number, from 0: the one that `PartitionRouting` maps its ids to.
    var partition: Int { get }
    /// Partitions of the whole index.
    var partitionCount: Int { get }
    /// Passages it holds now.
    var count: Int { get }
    /// It has all changes of the log up to this epoch, and none of later ones.
    var epoch: Int { get }
    var figures: EngineFigures { get }

    /// The best `k` rows of each query, best first, equal scores by lower row. Blocks until done.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - options: validated.
    /// - Throws: `deadlineExceeded`, and `dataLoss` naming the file when what it reads is damaged.
    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[Hit]]

    /// The passages of `rows`, which a search found, in that order; nil for one that has been replaced or deleted.
    func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?]

    /// The best `count` passages by words, best first by the partition's own statistics, which come with them. Blocks
    /// until done.
    ///
    /// - Parameter filter: nil, or what every passage must match.
    /// - Returns: nil when the partition was indexed without a lexical index.
    /// - Throws: as `search`.
    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords?

    /// Applies the changes that the segment `epoch` has for this partition, perhaps none. On return they are durable,
    /// and every search that begins from now on sees them. Blocks; one call at a time.
    ///
    /// - Parameter epoch: the one after `epoch`.
    /// - Returns: what each of the segment's updates did here.
    /// - Throws: `resourceExhausted` when the disk or the memory is full; then nothing has changed.
    func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome]

    /// Ends background work. Nothing may be called afterwards.
    func stop()
}
