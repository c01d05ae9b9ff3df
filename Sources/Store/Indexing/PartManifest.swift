internal import Storage

/// The manifest of a finished part of an index: `part.json`, written last, so its presence means that the part is
/// complete. Not called `manifest.json`, because a part cannot be served.
struct PartManifest: Codable, Equatable {
    /// Incremented with the job's.
    static let currentFormat = 2

    var format = currentFormat
    /// The job of the whole index, and which part this is.
    var job: IndexJob
    /// This part's share of each partition. Its rows are those of the whole partition, in order, without other parts'
    /// batches.
    var partitions: [IndexManifest.Partition]
}
