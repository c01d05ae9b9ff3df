internal import Core

/// What a partition is, as stored in it.
struct PartitionHeader: Codable, Equatable {
    /// Version of the layout: `PartitionFormat.schema`.
    var schema: Int
    /// The model's, 64 hexadecimal digits.
    var fingerprint: String
    var dimension: Int
    /// Which shard of how many.
    var shard: Int
    var shardCount: Int
}
