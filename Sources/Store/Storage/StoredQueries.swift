internal import Core
internal import VectorIndex

/// Keeps the queries of the last calibration among a partition's index blocks, for the index that replaces the one they were
/// used for.
enum StoredQueries {
    /// Generations of indexes begin at 1: what stands here outlives every one of them.
    private static let key = IndexBlockKey(generation: 0, list: 0, block: 0)

    static func block(_ sample: SampleQueries) -> IndexBlock { IndexBlock(key: key, bytes: sample.bytes) }

    /// Nil when the partition has none.
    ///
    /// - Throws: `dataLoss` when they are not readable.
    static func read(_ partition: Partition) throws(ImpRAGError) -> SampleQueries? {
        guard let bytes = try partition.indexBlock(key) else { return nil }
        do throws(ImpRAGError) {
            return try SampleQueries(stored: bytes, dimension: partition.dimension)
        } catch {
            throw ImpRAGError(
                .dataLoss,
                "the vector index of \(partition.path) is damaged: \(error.message); restore the partition, or index the corpus again"
            )
        }
    }
}
