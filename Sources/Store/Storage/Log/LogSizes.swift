/// How large the newest segments of a log are, as far as a process has seen them. Pure.
struct LogSizes {
    /// Ascending; `total` is of all segments up to this one, from the first that was noted.
    private var ends: [(epoch: Int, total: Int)] = []
    private var total = 0
    /// Of the segments that are forgotten.
    private var forgotten = 0

    /// Twice as many are held before half of them are forgotten.
    static let limit = 1 << 14

    /// Notes the segment of an epoch; one that is not newer than all others changes nothing.
    mutating func note(_ epoch: Int, byteCount: Int) {
        guard epoch > ends.last?.epoch ?? -1 else { return }
        total += byteCount
        ends.append((epoch, total))
        guard ends.count > 2 * Self.limit else { return }
        forgotten = ends[ends.count - Self.limit - 1].total
        ends.removeFirst(ends.count - Self.limit)
    }

    /// Bytes of the segments after `epoch`.
    func bytes(after epoch: Int) -> Int {
        // The first one after it.
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle].epoch <= epoch { low = middle + 1 } else { high = middle }
        }
        return total - (low > 0 ? ends[low - 1].total : forgotten)
    }
}
