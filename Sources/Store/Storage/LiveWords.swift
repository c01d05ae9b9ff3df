internal import Core
internal import Words

/// What a search by words keeps in memory of all passages.
struct LiveWords {
    private(set) var lengths: PassageLengths
    /// Summed over live passages.
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
        for row in change.replaced { tokens -= lengths[row] }
    }
}

/// The position of a sweep through the lexical index.
struct WordSweep {
    /// The term to continue with; nil between sweeps.
    var next: [UInt8]?
    /// See `Partition.sweepMark`.
    var mark = 0
}
