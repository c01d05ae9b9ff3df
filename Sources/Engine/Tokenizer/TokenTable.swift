/// Byte strings and the id of each, in one flat hash table: no allocation per string, none per look-up.
struct TokenTable: Sendable {
    /// All strings, one after another.
    private var bytes: [UInt8] = []
    /// Where each entry ends in `bytes`; it starts where the one before ends.
    private var ends: [Int] = []
    private var ids: [Int32] = []
    /// Entry numbers, -1 where free; a power of two of them, at most half full.
    private var slots = [Int32](repeating: -1, count: 16)

    var count: Int { ids.count }

    /// The string of entry `entry` (0 is the first that was added) and its id.
    subscript(entry: Int) -> (string: ArraySlice<UInt8>, id: Int32) {
        (bytes[(entry == 0 ? 0 : ends[entry - 1])..<ends[entry]], ids[entry])
    }

    /// Adds `string` with `id`; false, and nothing happens, when the string is there already.
    mutating func insert(_ string: ArraySlice<UInt8>, id: Int32) -> Bool {
        if ids.count * 2 >= slots.count { grow() }
        let hash = Self.hash(string.span)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            if matches(Int(slots[slot]), string.span, 0..<string.count) { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(truncatingIfNeeded: ids.count)
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
        ids.append(id)
        return true
    }

    /// The id of the string that stands in `text[range]`, or nil.
    @inline(__always)
    func id(of text: Span<UInt8>, _ range: Range<Int>) -> Int32? {
        id(of: text, range, hash: Self.hash(text, range))
    }

    /// The same with the string's `hash` known.
    func id(of text: Span<UInt8>, _ range: Range<Int>, hash: UInt64) -> Int32? {
        let slots = slots.span
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = Int(slots[slot])
            if matches(entry, text, range) { return ids.span[entry] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a, with the high bits folded into the low ones that choose the slot.
    @inline(__always)
    static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3 }
        return hash ^ (hash >> 29)
    }

    private static func hash(_ text: Span<UInt8>) -> UInt64 { hash(text, 0..<text.count) }

    @inline(__always)
    private func matches(_ entry: Int, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let ends = ends.span
        let start = entry == 0 ? 0 : ends[entry - 1]
        guard ends[entry] - start == range.count else { return false }
        let own = bytes.span
        for index in 0..<range.count where own[start + index] != text[range.lowerBound + index] { return false }
        return true
    }

    private mutating func grow() {
        slots = slots(count: slots.count * 2)
    }

    /// A table of `count` slots with all entries in it.
    private func slots(count: Int) -> [Int32] {
        var slots = [Int32](repeating: -1, count: count)
        let bytes = bytes.span
        var start = 0
        for (entry, end) in ends.enumerated() {
            var slot = Int(truncatingIfNeeded: Self.hash(bytes, start..<end)) & (count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: entry)
            start = end
        }
        return slots
    }
}
