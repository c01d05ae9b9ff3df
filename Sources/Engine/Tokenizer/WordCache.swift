/// A cache of the ids of recent words, so that a frequent word is merged once.
///
/// Fixed in size (about 500 KiB) and direct-mapped: a new word evicts whichever had its slot.
struct WordCache: Sendable {
    /// Longer words are not kept.
    static let maximumWordBytes = 24
    /// Words of more ids are not kept.
    static let maximumIDs = 6
    private static let slotCount = 1 << 13

    private var hashes = [UInt64](repeating: 0, count: slotCount)
    /// Bytes of the word; 0 where the slot is free.
    private var lengths = [UInt8](repeating: 0, count: slotCount)
    private var idCounts = [UInt8](repeating: 0, count: slotCount)
    private var words = [UInt8](repeating: 0, count: slotCount * maximumWordBytes)
    private var ids = [Int32](repeating: 0, count: slotCount * maximumIDs)

    /// Appends the ids of `text[word]` to `output`; false when they are not kept here.
    @inline(__always)
    func append(_ text: Span<UInt8>, _ word: Range<Int>, hash: UInt64, to output: inout [Int32]) -> Bool {
        let slot = Int(truncatingIfNeeded: hash >> 32) & (Self.slotCount - 1)
        guard hashes.span[slot] == hash, Int(lengths.span[slot]) == word.count else { return false }
        let start = slot * Self.maximumWordBytes
        let words = words.span
        for index in 0..<word.count where words[start + index] != text[word.lowerBound + index] { return false }
        let first = slot * Self.maximumIDs
        let ids = ids.span
        for index in first..<first + Int(idCounts.span[slot]) { output.append(ids[index]) }
        return true
    }

    /// Keeps `encoded` as the ids of `text[word]` where both are short enough.
    mutating func store(_ text: Span<UInt8>, _ word: Range<Int>, hash: UInt64, ids encoded: ArraySlice<Int32>) {
        guard word.count <= Self.maximumWordBytes, encoded.count <= Self.maximumIDs else { return }
        let slot = Int(truncatingIfNeeded: hash >> 32) & (Self.slotCount - 1)
        hashes[slot] = hash
        lengths[slot] = UInt8(truncatingIfNeeded: word.count)
        idCounts[slot] = UInt8(truncatingIfNeeded: encoded.count)
        for index in 0..<word.count { words[slot * Self.maximumWordBytes + index] = text[word.lowerBound + index] }
        for (index, id) in encoded.enumerated() { ids[slot * Self.maximumIDs + index] = id }
    }
}
