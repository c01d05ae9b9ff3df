/// When an update of a collection is acknowledged.
public enum UpdateWait: String, Sendable, CaseIterable {
    /// Once its segment is durable in the collection's log: it can no longer be lost. Waits for no shard; a search
    /// finds it once its shards have applied it, and `SearchOptions.minEpoch` waits for that.
    case durable
    /// Not before every shard that serves one of its partitions has applied it: every later search finds it, and what
    /// it did is counted.
    case found
}
