import Core

/// What became of passages that requests wanted to be read, since the start.
struct PassageTierFigures: Sendable {
    /// Found in this process.
    var remembered = 0
    /// Found in a shard.
    var fetched = 0
    /// Read from their text.
    var computed = 0
    /// States from a shard that did not fit: read from their text instead.
    var damaged = 0
    /// Questions to shards that failed: their passages were read from their text.
    var failures = 0
    /// Given to shards to keep.
    var stored = 0
    /// Not given to a shard because too many waited.
    var dropped = 0
    /// In this process now.
    var entries = 0
    var bytes = ByteCount(0)
}
