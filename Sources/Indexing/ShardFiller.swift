internal import Core
internal import Corpus
internal import PassageStore

/// Collects passages per shard and embeds and writes each full batch; one owner.
///
/// Passages must come in the same order in every run: what a shard already holds is passed over by counting.
struct ShardFiller {
    let writers: [PartitionWriter]
    /// Passages that this run embedded.
    private(set) var embedded = 0
    /// Seconds spent in the model.
    private(set) var embeddingSeconds = 0.0

    private let embedder: any PassageEmbedder
    private var pending: [[Passage]]
    /// Passages that have come for each shard, those of earlier runs included.
    private var routed: [Int]

    /// Memory for recent writes of each of a shard's four large keyspaces; of all shards together at most 256 MiB.
    static func writeBufferBytes(shardCount: Int) -> Int { min(8 << 20, max(64 << 10, (64 << 20) / shardCount)) }

    init(directory: IndexWorkspace, inputs: IndexInputs, embedder: any PassageEmbedder) throws(ImpRAGError) {
        var writers: [PartitionWriter] = []
        let shardCount = inputs.shardCount
        for shard in 0..<shardCount {
            writers.append(
                try PartitionWriter(
                    path: directory.shardPath(shard), fingerprint: inputs.fingerprint, dimension: inputs.dimension,
                    shard: shard, shardCount: shardCount,
                    writeBufferBytes: Self.writeBufferBytes(shardCount: shardCount)))
        }
        self.writers = writers
        self.embedder = embedder
        pending = [[Passage]](repeating: [], count: shardCount)
        routed = [Int](repeating: 0, count: shardCount)
    }

    /// Passages on the disk, of all shards.
    var written: Int { writers.reduce(0) { $0 + $1.count } }

    /// Takes the next passage; true when that completed a batch, which is then on the disk.
    mutating func add(_ passage: Passage) throws(ImpRAGError) -> Bool {
        let shard = ShardRouting.shard(of: passage.id, shardCount: writers.count)
        let row = routed[shard]
        routed[shard] += 1
        guard row >= writers[shard].count else { return false }
        pending[shard].append(passage)
        guard pending[shard].count == IndexOptions.batchRows else { return false }
        try flush(shard)
        return true
    }

    /// Writes the unfinished batch of one shard; false when none is left.
    mutating func flushOne() throws(ImpRAGError) -> Bool {
        guard let shard = pending.firstIndex(where: { !$0.isEmpty }) else { return false }
        try flush(shard)
        return true
    }

    private mutating func flush(_ shard: Int) throws(ImpRAGError) {
        let passages = pending[shard]
        pending[shard].removeAll(keepingCapacity: true)
        let start = ContinuousClock.now
        let vectors = try embedder.embed(passages)
        embeddingSeconds += seconds(since: start)
        guard vectors.count == passages.count * embedder.dimension else {
            throw ImpRAGError(
                .internal,
                "the model gave \(vectors.count) numbers for \(passages.count) vectors of \(embedder.dimension)")
        }
        let rounded = vectors.map { BFloat16($0) }
        if let place = rounded.firstIndex(where: { $0.bits & 0x7F80 == 0x7F80 }) {
            throw ImpRAGError(
                .invalidArgument,
                "the vector of passage \(passages[place / embedder.dimension].id) holds \(vectors[place]): this model "
                    + "cannot embed it")
        }
        try writers[shard].append(passages, vectors: rounded)
        embedded += passages.count
    }
}
