/// Working memory for one word after another: the cache, and the list and heap for long words.
struct WordScratch: Sendable {
    var cache = WordCache()
    /// Per place (a byte or character of the word): the token that starts there.
    var symbols: [Int32] = []
    /// Per place: where the next token starts; the number of places after the last.
    var next: [Int32] = []
    /// Per place: where the token before starts; -1 before the first.
    var previous: [Int32] = []
    /// Per place: the rank of the pair that starts there.
    var ranks: [UInt32] = []
    var pairs = PairHeap()

    /// Arrays that grew beyond this many places are freed, not kept for the next word.
    private static let keptPlaces = 1 << 16

    mutating func startWord() {
        let keeps = symbols.capacity <= Self.keptPlaces
        symbols.removeAll(keepingCapacity: keeps)
        next.removeAll(keepingCapacity: keeps)
        previous.removeAll(keepingCapacity: keeps)
        ranks.removeAll(keepingCapacity: keeps)
        pairs.removeAll(keepingCapacity: keeps)
    }

    /// Frees what a long word left behind.
    mutating func shrink() {
        if symbols.capacity > Self.keptPlaces { startWord() }
    }
}
