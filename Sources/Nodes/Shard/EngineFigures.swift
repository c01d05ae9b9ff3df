public import Core

/// A partition index's own figures at one moment.
public struct EngineFigures: Hashable, Sendable {
    /// Memory of the index: codes, lists, tables.
    public var indexBytes: ByteCount
    /// Passages that are in no list yet, so that every search scans all of them.
    public var unindexed: Int
    /// Nil until a search has been measured.
    public var recall: RecallFigures?

    public init(indexBytes: ByteCount = ByteCount(0), unindexed: Int = 0, recall: RecallFigures? = nil) {
        self.indexBytes = indexBytes
        self.unindexed = unindexed
        self.recall = recall
    }

    /// The recall over the samples of several partitions. Only samples of the most frequent k count: recall at
    /// different k is not comparable.
    static func recall(of figures: [EngineFigures]) -> RecallFigures? {
        let meters = figures.compactMap(\.recall).filter { $0.samples > 0 }
        let samplesByK = Dictionary(grouping: meters, by: \.k).mapValues { $0.reduce(0) { $0 + $1.samples } }
        // On a tie the smaller k, whatever order the dictionary has.
        guard let (k, samples) = samplesByK.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        let sum = meters.filter { $0.k == k }.reduce(0) { $0 + $1.mean * Double($1.samples) }
        return RecallFigures(mean: sum / Double(samples), k: k, samples: samples)
    }
}
