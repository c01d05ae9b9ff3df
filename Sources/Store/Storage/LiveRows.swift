internal import Core

/// Which rows of a partition are live: published by writers once a change is on disk.
struct LiveRows {
    /// Rows that were neither replaced nor deleted.
    var live: RowSet
    /// Rows that a write in progress removes: their records may already be gone.
    var leaving: Set<Int> = []
    /// Rows are numbered 0 ..< limit.
    var limit: Int
    /// Updates since bulk indexing.
    var sequence = 0
    /// How much of the log is in here; nil where no log is followed.
    var position: LogPosition?

    /// All rows below `limit`.
    init(limit: Int) {
        var words = [UInt64](repeating: .max, count: (limit + 63) / 64)
        if limit % 64 != 0 { words[words.count - 1] = 1 << UInt64(limit % 64) - 1 }
        live = RowSet(words: words)
        self.limit = limit
    }
}

extension RowSet {
    /// The first row of the set in `range`.
    func first(in range: Range<Int>) -> Int? {
        var row = range.lowerBound
        while row < min(range.upperBound, bitCount) {
            let rest = words[row >> 6] >> UInt64(row & 63)
            if rest != 0 {
                let found = row + rest.trailingZeroBitCount
                return found < range.upperBound ? found : nil
            }
            row = (row >> 6 + 1) << 6
        }
        return nil
    }
}
