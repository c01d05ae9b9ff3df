public import Core
internal import Kernels
public import VectorIndex

/// Trains, codes, calibrates and stores the vector index of one partition, at indexing time or in the background of a shard.
public struct IndexConstruction: Sendable {
    /// What it does at the moment.
    public enum Step: String, Sendable {
        /// Learning directions, lists and codes.
        case training
        /// Coding every vector.
        case coding
        /// Measuring which effort reaches which recall.
        case calibrating
    }

    private let partition: Partition
    private let target: Double
    private let pool: WorkerPool

    /// Bytes of blocks that are written together.
    private static let writeBytes = 8 << 20

    /// - Parameters:
    ///   - target: the recall@10 that searches aim at by default.
    ///   - threads: for matrix products and coding.
    public init(_ partition: Partition, target: Double, threads: Int) {
        self.partition = partition
        self.target = target
        pool = WorkerPool(threadCount: threads)
    }

    /// Vectors of so many rows are kept and compared as they are; a partition that has more is worth an index.
    public static func flatLimit(dimension: Int) -> Int { max(1024, (8 << 20) / (2 * dimension)) }

    /// Whether the partition needs an index that it does not have, or has one that covers too little of it.
    public static func isNeeded(for partition: Partition) throws(ImpRAGError) -> Bool {
        let limit = flatLimit(dimension: partition.dimension)
        guard partition.count > limit else { return false }
        guard let header = try partition.indexHeader() else { return true }
        let state = try IndexState(stored: header, place: partition.path)
        return partition.rowLimit - state.indexedRows > limit
    }

    /// Memory that `run` takes at its peak.
    public static func workingBytes(count: Int, dimension: Int) -> ByteCount {
        ByteCount(
            2 * ListIndex.requiredBytes(count: count, dimension: dimension).bytes
                + IndexTrainer.workingBytes(count: count, dimension: dimension).bytes)
    }

    /// - Parameters:
    ///   - generation: one that the partition does not hold.
    ///   - sample: queries to calibrate with, kept for later indexes; nil takes those that were kept, if any were.
    ///   - pause: called often by any thread while it calibrates; throws to stop.
    ///   - tick: called several times a second with what is done of a step; throws to stop, after which nothing has changed.
    /// - Returns: the index and the state that was stored with it.
    public func run(
        generation: Int, sample: SampleQueries? = nil, pause: @Sendable () throws(ImpRAGError) -> Void = {},
        tick: (Step, _ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> (index: ListIndex, state: IndexState) {
        let source = PartitionVectors(partition: partition)
        let (live, end) = (partition.liveRows(), partition.rowLimit)
        var queries = sample
        if queries == nil { queries = try StoredQueries.read(partition) }
        let model = try IndexTrainer(source: source, pool: pool).train(live, queries: queries?.vectors ?? []) {
            share throws(ImpRAGError) in try tick(.training, Int(share * 1000), 1000)
        }
        var (index, error) = try ListIndexBuilder(source: source, pool: pool).build(model, until: end) {
            done throws(ImpRAGError) in try tick(.coding, done, end)
        }
        let snapshot = IndexSnapshot(coded: index, flat: FlatRows(dimension: partition.dimension), live: live)
        let calibration = try Calibrator(snapshot: snapshot, source: source, pool: pool).run(
            sample: queries, pause: pause
        ) { share throws(ImpRAGError) in try tick(.calibrating, Int(share * 1000), 1000) }
        let state = IndexState(
            generation: generation, indexedRows: end, trainedRows: live.count, trainedError: error,
            residentBytes: index.residentBytes.bytes, target: target, calibration: calibration)
        try store(&index, state, sample)
        return (index, state)
    }

    /// Writes all blocks, then the header that makes them count, then removes whatever was before.
    private func store(
        _ index: inout ListIndex, _ state: IndexState, _ sample: SampleQueries?
    ) throws(ImpRAGError) {
        // What an interrupted run left of this generation.
        try partition.removeIndex(generation: state.generation)
        let former = try partition.indexHeader().map { bytes throws(ImpRAGError) in
            try IndexState(stored: bytes, place: partition.path).generation
        }
        var blocks = [
            IndexBlock(key: IndexBlockKey(generation: state.generation, list: 0, block: 0), bytes: index.model.bytes)
        ]
        if let sample { blocks.append(StoredQueries.block(sample)) }
        var bytes = 0
        for list in index.lists.indices {
            let added = StoredLists.blocks(of: list, in: index, generation: state.generation)
            bytes += added.reduce(0) { $0 + $1.bytes.count }
            blocks += added
            if bytes > Self.writeBytes {
                try partition.writeIndex(blocks, removing: [], header: nil, synced: false)
                blocks.removeAll()
                bytes = 0
            }
        }
        try partition.writeIndex(blocks, removing: [], header: try state.encoded(), synced: true)
        if let former, former != state.generation { try partition.removeIndex(generation: former) }
        try partition.flush()
    }
}
