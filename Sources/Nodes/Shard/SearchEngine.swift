public import Core
public import Wire

/// One partition, as the shard needs it. The real one is `PartitionEngine`; tests bring their own.
///
/// Any thread may call it: searches run beside each other and beside one update at a time.
public protocol SearchEngine: Sendable {
    var fingerprint: Fingerprint { get }
    /// Numbers of a vector.
    var dimension: Int { get }
    /// Which partition it is, from 0: the one that `PartitionRouting` gives its ids.
    var partition: Int { get }
    /// Partitions of the whole index.
    var partitionCount: Int { get }
    /// Passages now.
    var count: Int { get }
    /// Updates that it has taken since it was indexed.
    var sequence: Int { get }
    var figures: EngineFigures { get }

    /// The best `k` passages of each query, best first; their ranks are their places. Blocks until it is done.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - options: validated.
    /// - Throws: `deadlineExceeded`, and `dataLoss` naming the file when what it reads is damaged.
    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[ScoredPassage]]

    /// The best `count` passages by their words, best first by the partition's own figures, which come with them. Blocks until
    /// it is done.
    ///
    /// - Parameter filter: nil, or what every passage matches.
    /// - Returns: nil when the partition was indexed without a lexical index.
    /// - Throws: as `search`.
    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords?

    /// Takes passages in, instead of those with the same ids. On return they are durable, and every search that begins
    /// from now on finds them. Blocks; one update at a time.
    ///
    /// - Parameters:
    ///   - passages: of this partition, each id once.
    ///   - vectors: `[passages.count × dimension]`, finite.
    /// - Throws: `failedPrecondition` when the partition is open for reading only, `resourceExhausted` when the disk is
    ///   full; none of the passages has been taken then.
    func upsert(_ passages: [Passage], vectors: [Float]) throws(ImpRAGError) -> UpsertOutcome

    /// Takes passages out, for good: on return that is durable, and no search that begins from now on finds them.
    /// Blocks; one update at a time. Throws as `upsert` does.
    ///
    /// - Returns: how many were there.
    func delete(ids: [String]) throws(ImpRAGError) -> Int

    /// Ends background work. Nothing else is called afterwards.
    func stop()
}
