internal import Core
internal import VectorIndex

/// Lends a partition's vectors to an index.
struct PartitionVectors: VectorSource {
    let partition: Partition

    var dimension: Int { partition.dimension }
    var rowLimit: Int { partition.rowLimit }

    func scanVectors(
        from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
    ) throws(ImpRAGError) {
        try partition.scanVectors(from: first, until: end, body)
    }

    func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError) {
        try partition.withVectors(rows: rows, body)
    }
}
