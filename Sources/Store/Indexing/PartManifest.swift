internal import Storage

/// What a finished part of an index is, as `part.json` keeps it: written last, so its presence means that the part is complete.
/// Not called `manifest.json`, because a part is nothing to be served.
struct PartManifest: Codable, Equatable {
    /// Goes up with the job's.
    static let currentFormat = 2

    var format = currentFormat
    /// What the whole index is made from, and which part this is.
    var job: IndexJob
    /// What this part holds of each partition. The rows of a partition are those of the whole in their order, less other parts' batches.
    var partitions: [IndexManifest.Partition]
}
