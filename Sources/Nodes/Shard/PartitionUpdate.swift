import Core

/// The part of an update that one partition gets. Pure.
struct PartitionUpdate {
    /// Index of the partition's engine.
    let engine: Int
    /// Indices of the passages or ids in the request, ascending.
    var places: [Int]

    /// Sorts ids to the engines of their partitions, in the order of the engines.
    ///
    /// - Parameters:
    ///   - partitions: which partition each engine serves.
    ///   - partitionCount: partitions of the whole index.
    /// - Throws: `invalidArgument` for an empty id or one that stands twice, `failedPrecondition` for one of a
    ///   partition that is not served here, naming both.
    static func split(
        _ ids: [String], partitions: [Int], partitionCount: Int
    ) throws(ImpRAGError) -> [PartitionUpdate] {
        var updates = partitions.indices.map { PartitionUpdate(engine: $0, places: []) }
        var seen: Set<ByteString> = []
        for (place, id) in ids.enumerated() {
            guard !id.isEmpty else {
                throw ImpRAGError(
                    .invalidArgument, "passage \(place) of the update has an empty id; ids have a letter at least")
            }
            guard seen.insert(ByteString(id)).inserted else {
                throw ImpRAGError(.invalidArgument, "'\(id)' stands twice in one update; each id may stand once")
            }
            let partition = PartitionRouting.partition(of: id, partitionCount: partitionCount)
            guard let engine = partitions.firstIndex(of: partition) else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "'\(id)' belongs to partition \(partition) of \(partitionCount), but this shard serves "
                        + partitions.map(String.init).joined(separator: ", ") + "; are the cluster's files the same?")
            }
            updates[engine].places.append(place)
        }
        return updates.filter { !$0.places.isEmpty }
    }
}
