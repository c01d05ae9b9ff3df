internal import Core
internal import Platform
internal import Storage
internal import Words

/// Collects passages per partition, has full batches embedded, and writes them; one owner.
///
/// Passages must come in the same order in every run: what a partition already holds is passed over by counting.
struct PartitionFiller {
    let writers: [PartitionWriter]
    /// Passages that this run embedded and wrote.
    private(set) var embedded = 0
    /// Of these, passages whose ends the model did not read.
    private(set) var cut = 0
    /// Passages whose states this run computed and stored.
    private(set) var statesStored = 0
    /// Seconds spent in the model.
    private(set) var embeddingSeconds = 0.0

    private let dimension: Int
    private let part: IndexPart?
    private let line: EmbeddingLine
    private var pending: [[Passage]]
    /// Passages that have come for each partition, those of earlier runs and of other parts included.
    private var routed: [Int]
    /// Of these, the passages of this part.
    private var owned: [Int]
    /// A batch was lost: those behind it must not take its rows.
    private var hasFailed = false

    /// Memory for recent writes of each of a partition's four large keyspaces; of all partitions together at most 256 MiB.
    static func writeBufferBytes(partitionCount: Int) -> Int {
        min(8 << 20, max(64 << 10, (64 << 20) / partitionCount))
    }

    /// To make a partition or to end its bulk indexing is some fifty waits for the disk, whatever it holds.
    static let openingThreads = 8

    /// Opens or makes the partitions in `directory`, one writer each; nil makes no lexical index.
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

    /// Passages on the disk, of all partitions.
    var written: Int { writers.reduce(0) { $0 + $1.count } }

    /// Passages that have come, of all partitions.
    var passagesPerPartition: [Int] { routed }

    /// Takes the next passage; true when a batch came to the disk meanwhile.
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

    /// Gives one partition's unfinished batch to the model, or writes a batch that was there; false when nothing is left.
    mutating func flushOne() throws(ImpRAGError) -> Bool {
        guard let partition = pending.firstIndex(where: { !$0.isEmpty }) else { return try writeOne() }
        _ = try flush(partition)
        return true
    }

    /// Ends the work: what the model is at is still written, if nothing before it was lost; what waits is dropped.
    mutating func stop() {
        line.stop()
        while !hasFailed, (try? writeOne()) == true {}
    }

    /// Gives the batch of `partition` to the model; true when another was written to make room for it.
    private mutating func flush(_ partition: Int) throws(ImpRAGError) -> Bool {
        let isWritten = line.isFull ? try writeOne() : false
        line.push(EmbeddingLine.Batch(partition: partition, passages: pending[partition]))
        pending[partition].removeAll(keepingCapacity: true)
        return isWritten
    }

    /// Writes the earliest batch that was given to the model; false when there is none.
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
        let rounded = vectors.map { BFloat16($0) }
        if let place = rounded.firstIndex(where: { !VectorLimit.holds($0.float) }) {
            throw ImpRAGError(
                .invalidArgument,
                "the vector of passage \(passages[place / dimension].id) holds \(vectors[place]) at index \(place % dimension): "
                    + "this model cannot embed it; \(VectorLimit.words)")
        }
        try writers[result.batch.partition].append(passages, vectors: rounded)
        embedded += passages.count
        cut += result.reading.cut
        statesStored += result.reading.statesStored
    }
}
