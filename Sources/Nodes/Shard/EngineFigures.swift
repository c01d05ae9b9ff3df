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

    /// The recall of all samples of several partitions. Samples of another k than that of most are left out, since
    /// their recall cannot be compared.
    static func recall(of figures: [EngineFigures]) -> RecallFigures? {
        let meters = figures.compactMap(\.recall).filter { $0.samples > 0 }
        let samplesByK = Dictionary(grouping: meters, by: \.k).mapValues { $0.reduce(0) { $0 + $1.samples } }
        // Equally many: the smaller k, whatever order the dictionary has.
        guard let (k, samples) = samplesByK.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        let sum = meters.filter { $0.k == k }.reduce(0) { $0 + $1.mean * Double($1.samples) }
        return RecallFigures(mean: sum / Double(samples), k: k, samples: samples)
    }
}
