public import Core
public import Wire

/// One partition, as the shard needs it. The real one is `PartitionEngine`; tests bring their own.
///
/// Any thread may call it: searches run concurrently with each other and with one update at a time.
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
    /// Updates applied since it was indexed.
    var sequence: Int { get }
    var figures: EngineFigures { get }

    /// The best `k` passages of each query, best first; their ranks are their indices. Blocks until done.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - options: validated.
    /// - Throws: `deadlineExceeded`, and `dataLoss` naming the file when what it reads is damaged.
    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[ScoredPassage]]

    /// The best `count` passages by words, best first by the partition's own statistics, which come with them. Blocks
    /// until done.
    ///
    /// - Parameter filter: nil, or what every passage must match.
    /// - Returns: nil when the partition was indexed without a lexical index.
    /// - Throws: as `search`.
    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords?

    /// Inserts passages, replacing those with the same ids. On return they are durable, and every search that begins
    /// from now on finds them. Blocks; one update at a time.
    ///
    /// - Parameters:
    ///   - passages: of this partition, each id once.
    ///   - vectors: `[passages.count × dimension]`, within `VectorLimit`.
    /// - Throws: `failedPrecondition` when the partition is open for reading only, `resourceExhausted` when the disk is
    ///   full; then none of the passages has been written.
    func upsert(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) -> UpsertOutcome

    /// Deletes passages: on return that is durable, and no search that begins from now on finds them.
    /// Blocks; one update at a time. Throws as `upsert` does.
    ///
    /// - Returns: how many were there.
    func delete(ids: [String]) throws(ImpRAGError) -> Int

    /// Ends background work. Nothing may be called afterwards.
    func stop()
}
