/// A set of row numbers as a bitmap: a membership test costs one load, which is what a scan needs.
///
/// Rows beyond `bitCount` are not in it.
public struct RowSet: Sendable {
    /// Bit r mod 64 of word r / 64 is row r.
    public private(set) var words: [UInt64]
    /// Rows in the set.
    public private(set) var count: Int

    public init() {
        words = []
        count = 0
    }

    /// - Parameter words: bit r mod 64 of word r / 64 is row r.
    public init(words: [UInt64]) {
        self.words = words
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// The capacity of `words` in rows.
    public var bitCount: Int { words.count * 64 }

    public func contains(_ row: Int) -> Bool {
        row >= 0 && row >> 6 < words.count && words[row >> 6] >> UInt64(row & 63) & 1 == 1
    }

    public mutating func insert(_ row: Int) {
        precondition(row >= 0, "row \(row)")
        if row >> 6 >= words.count {
            words += repeatElement(0, count: max(row >> 6 + 1 - words.count, words.count / 4))
        }
        guard words[row >> 6] >> UInt64(row & 63) & 1 == 0 else { return }
        words[row >> 6] |= 1 << UInt64(row & 63)
        count += 1
    }

    public mutating func remove(_ row: Int) {
        guard contains(row) else { return }
        words[row >> 6] &= ~(1 << UInt64(row & 63))
        count -= 1
    }

    /// The rows in ascending order.
    public func forEach(_ body: (Int) -> Void) {
        for (place, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(place << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }
}
