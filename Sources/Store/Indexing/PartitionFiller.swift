internal import Core
internal import Platform
internal import Storage
internal import Words

/// Collects passages per partition, has full batches embedded, and writes them; one owner.
///
/// Passages must come in the same order in every run: those that a partition already holds are skipped by counting.
struct PartitionFiller {
    let writers: [PartitionWriter]
    /// Passages that this run embedded and wrote.
    private(set) var embedded = 0
    /// Of these, passages that the model truncated.
    private(set) var cut = 0
    /// Passages whose states this run computed and stored.
    private(set) var statesStored = 0
    /// Seconds spent in the model.
    private(set) var embeddingSeconds = 0.0

    private let dimension: Int
    private let part: IndexPart?
    private let line: EmbeddingLine
    private var pending: [[Passage]]
    /// Passages routed to each partition, including those of earlier runs and of other parts.
    private var routed: [Int]
    /// Of these, the passages of this part.
    private var owned: [Int]
    /// A batch was lost: later ones must not take its rows.
    private var hasFailed = false

    /// Memory for recent writes of each of a partition's four large column families; 256 MiB at most over all
    /// partitions.
    static func writeBufferBytes(partitionCount: Int) -> Int {
        min(8 << 20, max(64 << 10, (64 << 20) / partitionCount))
    }

    /// Creating a partition, or ending its bulk indexing, waits for the disk some fifty times, whatever its size.
    static let openingThreads = 8

    /// Opens or creates the partitions in `directory`. `words` nil makes no lexical index.
    static func writers(
        _ directory: IndexWorkspace, fingerprint: Fingerprint, dimension: Int, partitionCount: Int, words: WordAnalysis?
    ) throws(ImpRAGError) -> [PartitionWriter] {
        try concurrentMap(partitionCount, threads: openingThreads) { number throws(ImpRAGError) in
            try PartitionWriter(
                path: directory.partitionPath(number), fingerprint: fingerprint, dimension: dimension,
                number: number, partitionCount: partitionCount,
                writeBufferBytes: writeBufferBytes(partitionCount: partitionCount),
                words: words)
        }
    }

    init(
        directory: IndexWorkspace, inputs: IndexInputs, words: WordAnalysis?, reader: PassageReader
    ) throws(ImpRAGError) {
        let partitionCount = inputs.partitionCount
        writers = try Self.writers(
            directory, fingerprint: inputs.fingerprint, dimension: inputs.dimension, partitionCount: partitionCount,
            words: words)
        dimension = inputs.dimension
        part = inputs.part
        line = try EmbeddingLine(reader)
        pending = [[Passage]](repeating: [], count: partitionCount)
        routed = [Int](repeating: 0, count: partitionCount)
        owned = routed
    }

    /// Passages on disk, over all partitions.
    var written: Int { writers.reduce(0) { $0 + $1.count } }

    /// Passages routed, by partition.
    var passagesPerPartition: [Int] { routed }

    /// Adds the next passage; true when a batch was written meanwhile.
    mutating func add(_ passage: Passage) throws(ImpRAGError) -> Bool {
        let partition = PartitionRouting.partition(of: passage.id, partitionCount: writers.count)
        let batch = routed[partition] / IndexOptions.batchRows
        routed[partition] += 1
        if let part, !part.owns(batch: batch, of: partition) { return false }
        let row = owned[partition]
        owned[partition] += 1
        guard row >= writers[partition].count else { return false }
        pending[partition].append(passage)
        guard pending[partition].count == IndexOptions.batchRows else { return false }
        return try flush(partition)
    }

    /// Sends one partition's incomplete batch to the model, or writes a finished one; false when nothing is left.
    mutating func flushOne() throws(ImpRAGError) -> Bool {
        guard let partition = pending.firstIndex(where: { !$0.isEmpty }) else { return try writeOne() }
        _ = try flush(partition)
        return true
    }

    /// Stops: writes what the model is working on, unless an earlier batch was lost, and drops what waits.
    mutating func stop() {
        line.stop()
        while !hasFailed, (try? writeOne()) == true {}
    }

    /// Sends the batch of `partition` to the model; true when another was written to make room.
    private mutating func flush(_ partition: Int) throws(ImpRAGError) -> Bool {
        let isWritten = line.isFull ? try writeOne() : false
        line.push(EmbeddingLine.Batch(partition: partition, passages: pending[partition]))
        pending[partition].removeAll(keepingCapacity: true)
        return isWritten
    }

    /// Writes the earliest batch that is in flight; false when there is none.
    private mutating func writeOne() throws(ImpRAGError) -> Bool {
        do throws(ImpRAGError) {
            guard let result = try line.pop() else { return false }
            try write(result)
            return true
        } catch {
            hasFailed = true
            throw error
        }
    }

    private mutating func write(_ result: EmbeddingLine.Embedded) throws(ImpRAGError) {
        let (passages, vectors) = (result.batch.passages, result.reading.vectors)
        embeddingSeconds += result.seconds
        guard vectors.count == passages.count * dimension else {
            throw ImpRAGError(
                .internal,
                "the model gave \(vectors.count) numbers for \(passages.count) vectors of \(dimension)")
        }
        try writers[result.batch.partition].append(passages, vectors: vectors.map { BFloat16($0) })
        embedded += passages.count
        cut += result.reading.cut
        statesStored += result.reading.statesStored
    }
}
