public import Core

/// What a partition's index can tell of itself at one moment.
public struct EngineFigures: Hashable, Sendable {
    /// Memory of the index: codes, lists, tables.
    public var indexBytes: ByteCount
    /// Passages that no list holds yet, so that every search compares with each of them.
    public var unindexed: Int
    /// Nil while no search was measured.
    public var recall: RecallFigures?

    public init(indexBytes: ByteCount = ByteCount(0), unindexed: Int = 0, recall: RecallFigures? = nil) {
        self.indexBytes = indexBytes
        self.unindexed = unindexed
        self.recall = recall
    }

    /// The figures of several partitions as one: sums, and the recall of all their samples. Samples of another k than
    /// that of most are left out, since their recall cannot be compared.
    static func combined(_ figures: [EngineFigures]) -> EngineFigures {
        let meters = figures.compactMap(\.recall).filter { $0.samples > 0 }
        let samplesByK = Dictionary(grouping: meters, by: \.k).mapValues { $0.reduce(0) { $0 + $1.samples } }
        var recall: RecallFigures?
        // Equally many: the smaller k, whatever order the dictionary has.
        if let (k, samples) = samplesByK.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            let sum = meters.filter { $0.k == k }.reduce(0) { $0 + $1.mean * Double($1.samples) }
            recall = RecallFigures(mean: sum / Double(samples), k: k, samples: samples)
        }
        return EngineFigures(
            indexBytes: ByteCount(figures.reduce(0) { $0 + $1.indexBytes.bytes }),
            unindexed: figures.reduce(0) { $0 + $1.unindexed }, recall: recall)
    }
}
