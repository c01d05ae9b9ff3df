/// Inverts passages in memory: collects their terms until they are written term by term; one owner.
package struct PostingsBuilder: ~Copyable {
    private var analyzer: WordAnalyzer
    private var table = TermTable()
    /// The terms of all passages, one passage after the other.
    private var tokens: [UInt32] = []
    private var passages: [(row: UInt32, end: Int)] = []

    /// - Parameter expectsMany: reserves memory for thousands of passages.
    package init(_ analysis: WordAnalysis, expectsMany: Bool) {
        analyzer = WordAnalyzer(analysis, remembers: expectsMany)
    }

    package var isEmpty: Bool { passages.isEmpty }

    /// Terms of all passages; each takes about 8 bytes until they are written.
    package var tokenCount: Int { tokens.count }

    /// Adds a passage, whose row must be above all earlier ones. Returns its length in terms.
    package mutating func add(row: Int, title: String, text: String) -> Int {
        let start = tokens.count
        collect(WordAnalyzer.text(title: title, text: text))
        passages.append((UInt32(truncatingIfNeeded: row), tokens.count))
        return min(tokens.count - start, PassageLengths.limit)
    }

    /// Lends each term and its postings to `body`, in byte order of the terms, and then drops them.
    package mutating func drain<Failure: Error>(
        _ body: (_ term: [UInt8], _ postings: WordPostings) throws(Failure) -> Void
    ) throws(Failure) {
        // Counting sort: where each term's postings begin.
        var starts = [Int](repeating: 0, count: table.count + 1)
        for token in tokens { starts[Int(token) + 1] += 1 }
        for term in 0..<table.count { starts[term + 1] += starts[term] }
        var (ends, places) = (starts, [UInt32](repeating: 0, count: tokens.count))
        var next = 0
        for (passage, (_, end)) in passages.enumerated() {
            for token in tokens[next..<end] {
                places[ends[Int(token)]] = UInt32(truncatingIfNeeded: passage)
                ends[Int(token)] += 1
            }
            next = end
        }
        for term in table.sorted() where starts[term] < ends[term] {
            var postings = WordPostings()
            var place = starts[term]
            while place < ends[term] {
                let passage = places[place]
                let first = place
                while place < ends[term], places[place] == passage { place += 1 }
                let start = passage == 0 ? 0 : passages[Int(passage) - 1].end
                let (row, end) = passages[Int(passage)]
                postings.append(
                    row: row, frequency: UInt16(clamping: place - first), length: UInt16(clamping: end - start))
            }
            try body(table[term], postings)
        }
        tokens = []
        passages = []
        table = TermTable()
    }

    private mutating func collect(_ text: String) {
        var (table, tokens) = (TermTable(), [UInt32]())
        swap(&table, &self.table)
        swap(&tokens, &self.tokens)
        analyzer.forEachTerm(of: text) { tokens.append(UInt32(truncatingIfNeeded: table.number(of: $0))) }
        swap(&table, &self.table)
        swap(&tokens, &self.tokens)
    }
}

/// Terms numbered in the order of their first appearance: an open-addressed table over one array of bytes.
struct TermTable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// Number of a term plus one, or 0 for a free slot. The size is a power of two; at most half of the slots are used.
    private var slots: [UInt32] = []

    var count: Int { ends.count }

    subscript(number: Int) -> [UInt8] { Array(bytes[range(number)]) }

    private func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

    mutating func number(of term: [UInt8]) -> Int {
        if 2 * (count + 1) > slots.count { grow() }
        let hash = TermCache.hash(term, 0..<term.count)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, bytes[range(number)].elementsEqual(term) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        bytes += term
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(truncatingIfNeeded: count)
        return count - 1
    }

    /// The numbers in the order of the terms' bytes.
    func sorted() -> [Int] {
        let keys = (0..<count).map { number -> UInt64 in
            let range = range(number)
            return (0..<8).reduce(UInt64(0)) { key, place in
                key << 8 | (place < range.count ? UInt64(bytes[range.lowerBound + place]) : 0)
            }
        }
        return (0..<count).sorted { left, right in
            if keys[left] != keys[right] { return keys[left] < keys[right] }
            return bytes[range(left)].lexicographicallyPrecedes(bytes[range(right)])
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(256, 2 * slots.count))
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(truncatingIfNeeded: number + 1)
        }
    }
}
