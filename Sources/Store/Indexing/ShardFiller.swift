internal import Core
internal import Platform
internal import Storage
internal import Words

/// Collects passages per shard, has full batches embedded, and writes them; one owner.
///
/// Passages must come in the same order in every run: what a shard already holds is passed over by counting.
struct ShardFiller {
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
    /// Passages that have come for each shard, those of earlier runs and of other parts included.
    private var routed: [Int]
    /// Of these, the passages of this part.
    private var owned: [Int]
    /// A batch was lost: those behind it must not take its rows.
    private var hasFailed = false

    /// Memory for recent writes of each of a shard's four large keyspaces; of all shards together at most 256 MiB.
    static func writeBufferBytes(shardCount: Int) -> Int { min(8 << 20, max(64 << 10, (64 << 20) / shardCount)) }

    /// To make a partition or to end its bulk indexing is some fifty waits for the disk, whatever it holds.
    static let openingThreads = 8

    /// Opens or makes the partitions in `directory`, one writer a shard; nil makes no lexical index.
    static func writers(
        _ directory: IndexWorkspace, fingerprint: Fingerprint, dimension: Int, shardCount: Int, words: WordAnalysis?
    ) throws(ImpRAGError) -> [PartitionWriter] {
        try concurrentMap(shardCount, threads: openingThreads) { shard throws(ImpRAGError) in
            try PartitionWriter(
                path: directory.shardPath(shard), fingerprint: fingerprint, dimension: dimension,
                shard: shard, shardCount: shardCount, writeBufferBytes: writeBufferBytes(shardCount: shardCount),
                words: words)
        }
    }

    init(
        directory: IndexWorkspace, inputs: IndexInputs, words: WordAnalysis?, reader: PassageReader
    ) throws(ImpRAGError) {
        let shardCount = inputs.shardCount
        writers = try Self.writers(
            directory, fingerprint: inputs.fingerprint, dimension: inputs.dimension, shardCount: shardCount,
            words: words)
        dimension = inputs.dimension
        part = inputs.part
        line = try EmbeddingLine(reader)
        pending = [[Passage]](repeating: [], count: shardCount)
        routed = [Int](repeating: 0, count: shardCount)
        owned = routed
    }

    /// Passages on the disk, of all shards.
    var written: Int { writers.reduce(0) { $0 + $1.count } }

    /// Passages that have come, of all shards.
    var passagesPerShard: [Int] { routed }

    /// Takes the next passage; true when a batch came to the disk meanwhile.
    mutating func add(_ passage: Passage) throws(ImpRAGError) -> Bool {
        let shard = ShardRouting.shard(of: passage.id, shardCount: writers.count)
        let batch = routed[shard] / IndexOptions.batchRows
        routed[shard] += 1
        if let part, !part.owns(batch: batch, of: shard) { return false }
        let row = owned[shard]
        owned[shard] += 1
        guard row >= writers[shard].count else { return false }
        pending[shard].append(passage)
        guard pending[shard].count == IndexOptions.batchRows else { return false }
        return try flush(shard)
    }

    /// Gives one shard's unfinished batch to the model, or writes a batch that was there; false when nothing is left.
    mutating func flushOne() throws(ImpRAGError) -> Bool {
        guard let shard = pending.firstIndex(where: { !$0.isEmpty }) else { return try writeOne() }
        _ = try flush(shard)
        return true
    }

    /// Ends the work: what the model is at is still written, if nothing before it was lost; what waits is dropped.
    mutating func stop() {
        line.stop()
        while !hasFailed, (try? writeOne()) == true {}
    }

    /// Gives the batch of `shard` to the model; true when another was written to make room for it.
    private mutating func flush(_ shard: Int) throws(ImpRAGError) -> Bool {
        let isWritten = line.isFull ? try writeOne() : false
        line.push(EmbeddingLine.Batch(shard: shard, passages: pending[shard]))
        pending[shard].removeAll(keepingCapacity: true)
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
        try writers[result.batch.shard].append(passages, vectors: rounded)
        embedded += passages.count
        cut += result.reading.cut
        statesStored += result.reading.statesStored
    }
}
