public import Core
internal import Kernels
public import VectorIndex

/// Trains, codes, calibrates and stores the vector index of one partition, at indexing time or in the background of a
/// shard.
public struct IndexConstruction: Sendable {
    /// The step in progress.
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
    private let codeSize: CodeSize?
    private let pool: WorkerPool

    /// Bytes of blocks that are written together.
    private static let writeBytes = 8 << 20

    /// - Parameters:
    ///   - target: the recall@10 that searches aim at by default.
    ///   - threads: for matrix products and coding.
    ///   - codeSize: nil takes the partition's.
    public init(_ partition: Partition, target: Double, threads: Int, codeSize: CodeSize? = nil) {
        self.partition = partition
        self.target = target
        self.codeSize = codeSize
        pool = WorkerPool(threadCount: threads)
    }

    /// The number of rows up to which a partition's vectors are kept as they are and compared one by one; with more of
    /// them, an index is worth its while.
    public static func flatLimit(dimension: Int) -> Int { max(1024, (8 << 20) / (2 * dimension)) }

    /// Whether the partition needs an index that it does not have, or has one that covers too little of it.
    public static func isNeeded(for partition: Partition) throws(ImpRAGError) -> Bool {
        let limit = flatLimit(dimension: partition.dimension)
        guard partition.count > limit else { return false }
        guard let header = try partition.indexHeader() else { return true }
        return partition.rowLimit - header.indexedRows > limit
    }

    /// Memory that `run` takes at its peak.
    ///
    /// - Parameter codeSize: nil for the usual one.
    public static func workingBytes(count: Int, dimension: Int, codeSize: CodeSize? = nil) -> ByteCount {
        ByteCount(
            2 * ListIndex.requiredBytes(count: count, dimension: dimension, codeSize: codeSize).bytes
                + IndexTrainer.workingBytes(count: count, dimension: dimension).bytes)
    }

    /// Makes the index of a partition that nobody changes meanwhile, and stores it.
    ///
    /// - Parameters:
    ///   - generation: one that the partition does not hold.
    ///   - sample: queries to calibrate with, kept for later indexes; nil takes those that were kept, if any were.
    ///   - pause: called often by any thread while it calibrates; throws to stop.
    ///   - tick: called several times a second with a step's progress; throws to stop, which leaves the partition
    ///     unchanged.
    /// - Returns: the index and the header that was stored with it.
    public func run(
        generation: Int, sample: SampleQueries? = nil, pause: @Sendable () throws(ImpRAGError) -> Void = {},
        tick: (Step, _ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> (index: ListIndex, header: VectorIndexHeader) {
        let (index, header) = try build(
            generation: generation, live: partition.liveRows(), until: partition.rowLimit, sample: sample, pause: pause,
            tick: tick)
        let former = try partition.indexHeader()?.generation
        try writeBlocks(of: index, generation: generation)
        try partition.writeIndex(sample.map { [$0.block] } ?? [], header: header, synced: true)
        if let former, former != generation { try partition.removeIndex(generation: former) }
        try partition.flush()
        return (index, header)
    }

    /// Makes the index of the rows below `end`, in memory. The partition may be changed meanwhile: rows that die are in
    /// the index or not, and rows from `end` on are not.
    ///
    /// - Parameter live: the rows to learn from.
    func build(
        generation: Int, live: RowSet, until end: Int, sample: SampleQueries?,
        pause: @Sendable () throws(ImpRAGError) -> Void,
        tick: (Step, _ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> (index: ListIndex, header: VectorIndexHeader) {
        let source = PartitionVectors(partition: partition)
        let queries = if let sample { sample } else { try partition.calibrationQueries() }
        let size = if let codeSize { codeSize } else { try partition.codeSize() }
        let model = try IndexTrainer(source: source, pool: pool, codeSize: size).train(
            live, queries: queries?.vectors ?? []
        ) { share throws(ImpRAGError) in try tick(.training, Int(share * 1000), 1000) }
        let (index, error) = try ListIndexBuilder(source: source, pool: pool).build(model, until: end) {
            done throws(ImpRAGError) in try tick(.coding, done, end)
        }
        let snapshot = IndexSnapshot(coded: index, flat: FlatRows(dimension: partition.dimension), live: live)
        let calibration = try Calibrator(snapshot: snapshot, source: source, pool: pool).run(
            sample: queries, pause: pause
        ) { share throws(ImpRAGError) in try tick(.calibrating, Int(share * 1000), 1000) }
        let header = VectorIndexHeader(
            generation: generation, indexedRows: end, trainedRows: live.count, trainedError: error,
            residentBytes: index.residentBytes.bytes, target: target, calibration: calibration)
        return (index, header)
    }

    /// Writes all blocks of a generation that the header does not name yet, in place of what an interrupted run left of
    /// it.
    func writeBlocks(of index: ListIndex, generation: Int) throws(ImpRAGError) {
        try partition.removeIndex(generation: generation)
        var blocks = [index.modelBlock(generation: generation)]
        var bytes = 0
        for list in index.lists.indices {
            let added = index.blocks(of: list, generation: generation)
            bytes += added.reduce(0) { $0 + $1.bytes.count }
            blocks += added
            if bytes > Self.writeBytes {
                try partition.writeIndex(blocks, synced: false)
                blocks.removeAll()
                bytes = 0
            }
        }
        try partition.writeIndex(blocks, synced: false)
    }
}
