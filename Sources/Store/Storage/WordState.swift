internal import Core
internal import Words

/// What a search by words needs of all passages, in memory.
struct WordState {
    private(set) var lengths: PassageLengths
    /// Of live passages, summed.
    private(set) var tokens: Int

    /// Nil when the partition has no lexical index.
    init?(_ partition: Partition) throws(ImpRAGError) {
        guard partition.words != nil else { return nil }
        let lengths = try partition.wordLengths()
        var sum = 0
        partition.liveRows().forEach { sum += lengths[$0] }
        self.lengths = lengths
        tokens = sum
    }

    static func residentBytes(_ partition: Partition) -> Int {
        partition.words == nil ? 0 : PassageLengths.residentBytes(rows: partition.rowLimit)
    }

    mutating func apply(_ change: Partition.Change) {
        for (row, length) in zip(change.rows, change.lengths) {
            lengths[row] = length
            tokens += length
        }
        // Those that come again in the same change have the length 0.
        remove(change.replaced)
    }

    mutating func remove(_ rows: [Int]) {
        for row in rows { tokens -= lengths[row] }
    }
}

/// A way through the lexical index, step by step.
struct WordSweep {
    /// The term to go on with; nil between sweeps.
    var next: [UInt8]?
    /// See `Partition.sweepMark`.
    var mark = 0
}
