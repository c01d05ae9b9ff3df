/// A cache from words to terms, so that a frequent word is folded and stemmed only once.
///
/// Direct-mapped and of fixed size: a new word replaces the one in its slot.
struct TermCache {
    private static let slotCount = 1 << 14
    /// Longer words and terms are not cached.
    private static let limitBytes = 32

    private var hashes = [UInt64](repeating: 0, count: slotCount)
    /// Bytes of word and term; 0 for a free slot.
    private var wordCounts = [UInt8](repeating: 0, count: slotCount)
    private var termCounts = [UInt8](repeating: 0, count: slotCount)
    private var words = [UInt8](repeating: 0, count: slotCount * limitBytes)
    private var terms = [UInt8](repeating: 0, count: slotCount * limitBytes)

    /// FNV-1a over the bytes of `word`, with a final mix.
    static func hash(_ bytes: [UInt8], _ word: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for place in word { hash = (hash ^ UInt64(bytes[place])) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ hash >> 29
    }

    /// Sets `term` to the term of `bytes[word]`; false when it is not cached.
    func find(_ bytes: [UInt8], _ word: Range<Int>, hash: UInt64, term: inout [UInt8]) -> Bool {
        let slot = Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)
        guard hashes[slot] == hash, Int(wordCounts[slot]) == word.count else { return false }
        let start = slot * Self.limitBytes
        for index in 0..<word.count where words[start + index] != bytes[word.lowerBound + index] { return false }
        term.removeAll(keepingCapacity: true)
        term.append(contentsOf: terms[start..<start + Int(termCounts[slot])])
        return true
    }

    /// Caches `term` as that of `bytes[word]`, if both are short enough.
    mutating func keep(_ term: [UInt8], of bytes: [UInt8], _ word: Range<Int>, hash: UInt64) {
        guard word.count <= Self.limitBytes, term.count <= Self.limitBytes else { return }
        let slot = Int(truncatingIfNeeded: hash) & (Self.slotCount - 1)
        let start = slot * Self.limitBytes
        hashes[slot] = hash
        wordCounts[slot] = UInt8(truncatingIfNeeded: word.count)
        termCounts[slot] = UInt8(truncatingIfNeeded: term.count)
        for index in 0..<word.count { words[start + index] = bytes[word.lowerBound + index] }
        for index in term.indices { terms[start + index] = term[index] }
    }
}
