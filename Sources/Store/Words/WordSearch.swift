package import Core

/// Finds the best passages for a query's terms, by BM25.
///
/// Block-max MaxScore in windows of rows (Turtle & Flood, "Query evaluation: strategies and optimizations", 1995; Ding
/// & Suel, "Faster top-k document retrieval using block-max indexes", 2011; the windows are Lucene's): in each window,
/// terms that even together cannot lift a passage among the best are only looked up for passages that other terms bring
/// close. The result is bit-identical to scoring every passage.
package struct WordSearch {
    private let source: any WordSource
    private let lengths: PassageLengths
    private let passages: Int
    private let tokens: Int

    /// Rows of a window: a piece of `PassageLengths`.
    private static let windowRows = PassageLengths.pieceRows
    /// Float sums in different orders differ by less than this factor.
    private static let slack: Float = 1.0001
    private static let windowsPerCheck = 16

    /// - Parameters:
    ///   - lengths: lengths of all rows that may be found.
    ///   - passages: number of live passages.
    ///   - tokens: sum of their lengths.
    package init(source: any WordSource, lengths: PassageLengths, passages: Int, tokens: Int) {
        self.source = source
        self.lengths = lengths
        self.passages = passages
        self.tokens = tokens
    }

    /// - Parameters:
    ///   - count: the most hits, above 0.
    ///   - allowed: rows that may be found.
    /// - Throws: `deadlineExceeded`, and what the source throws.
    package func run(
        _ terms: [String], count: Int, allowed: RowSet, deadline: Deadline
    ) throws(ImpRAGError) -> WordMatches {
        var cursors: [TermCursor] = []
        for term in terms {
            try deadline.check("search by words")
            cursors.append(try TermCursor(Array(term.utf8), in: source))
        }
        let statistics = WordStatistics(
            passages: passages, tokens: tokens, frequencies: cursors.map { min($0.frequency, passages) })
        var best = BestHits(limit: count)
        let scorer = BM25.Scorer(statistics)
        var window = Window(rows: Self.windowRows)
        var (number, windows) = (0, 0)
        while let next = Self.nextWindow(&cursors, from: number) {
            number = next
            windows += 1
            if windows % Self.windowsPerCheck == 0 { try deadline.check("search by words") }
            let piece = lengths.piece(number)
            let start = number * Self.windowRows
            number += 1
            guard !piece.isEmpty else { continue }
            try search(start, piece, &cursors, &window, &best, scorer, allowed)
        }
        return WordMatches(terms: terms, statistics: statistics, hits: best.sorted())
    }

    /// Moves all cursors to the next window, from `number` on, in which any term has rows; nil when there is none.
    private static func nextWindow(_ cursors: inout [TermCursor], from number: Int) -> Int? {
        var number = number
        while true {
            let rows = (number * windowRows)..<((number + 1) * windowRows)
            var (isTouched, next) = (false, Int?.none)
            for term in cursors.indices {
                cursors[term].move(to: rows)
                isTouched = isTouched || !cursors[term].window.isEmpty
                if let row = cursors[term].nextRow { next = min(next ?? row, row) }
            }
            if isTouched { return number }
            guard let next else { return nil }
            number = next / windowRows
        }
    }

    /// The terms that have rows in the window, those that can add least first; their bounds are set.
    private static func order(_ cursors: inout [TermCursor], _ scorer: BM25.Scorer) -> [Int] {
        var order: [Int] = []
        for term in cursors.indices where !cursors[term].window.isEmpty {
            var bound: Float = 0
            for block in cursors[term].window {
                let entry = cursors[term].blocks[block]
                bound = max(
                    bound, scorer.part(of: term, frequency: entry.maximumFrequency, length: entry.minimumLength))
            }
            cursors[term].bound = bound
            order.append(term)
        }
        return order.sorted { cursors[$0].bound < cursors[$1].bound }
    }

    /// The first terms of `order` that even together cannot lift a passage among the best, and their bounds' sum.
    private static func optional(
        _ order: [Int], _ cursors: [TermCursor], _ threshold: Float?
    ) -> (terms: ArraySlice<Int>, bound: Float) {
        guard let threshold else { return (order[..<0], 0) }
        var (count, sum) = (0, Float(0))
        while count < order.count {
            let bound = sum + cursors[order[count]].bound
            guard bound * slack <= threshold else { break }
            sum = bound
            count += 1
        }
        return (order[..<count], sum)
    }

    /// - Parameters:
    ///   - start: the window's first row.
    ///   - piece: lengths of its rows.
    private func search(
        _ start: Int, _ piece: [UInt16], _ cursors: inout [TermCursor], _ window: inout Window,
        _ best: inout BestHits, _ scorer: BM25.Scorer, _ allowed: RowSet
    ) throws(ImpRAGError) {
        let order = Self.order(&cursors, scorer)
        let optional = Self.optional(order, cursors, best.threshold)
        guard optional.terms.count < order.count else { return }
        for term in order[optional.terms.endIndex...] {
            for block in cursors[term].window {
                try cursors[term].decode(block)
                Window.add(
                    cursors[term].rows, cursors[term].frequencies, from: start, piece, scorer, term, &window.scores,
                    &window.touched)
            }
        }
        for word in window.touched.indices where window.touched[word] != 0 {
            var rest = window.touched[word]
            let place = start >> 6 + word
            let mask = place < allowed.words.count ? allowed.words[place] : 0
            while rest != 0 {
                let offset = word << 6 + rest.trailingZeroBitCount
                rest &= rest - 1
                let score = window.scores[offset]
                window.scores[offset] = 0
                guard mask >> UInt64(offset & 63) & 1 == 1 else { continue }
                if let threshold = best.threshold, (score + optional.bound) * Self.slack <= threshold { continue }
                let isOutdone = try refine(
                    start + offset, score, optional.terms, optional.bound, length: Int(piece[offset]), &cursors,
                    best.threshold, scorer)
                if isOutdone { continue }
                var frequencies = [Int](repeating: 0, count: cursors.count)
                for term in order { frequencies[term] = try cursors[term].frequency(of: start + offset) }
                let hit = WordHit(row: start + offset, frequencies: frequencies, length: Int(piece[offset]))
                best.insert(hit, score: scorer.score(frequencies, length: hit.length))
            }
            window.touched[word] = 0
        }
    }

    /// Whether a passage falls short once its optional terms are looked up, one by one.
    private func refine(
        _ row: Int, _ score: Float, _ optional: ArraySlice<Int>, _ optionalBound: Float, length: Int,
        _ cursors: inout [TermCursor], _ threshold: Float?, _ scorer: BM25.Scorer
    ) throws(ImpRAGError) -> Bool {
        guard let threshold else { return false }
        var (score, rest) = (score, optionalBound)
        for term in optional.reversed() {
            let frequency = try cursors[term].frequency(of: row)
            if frequency > 0 { score += scorer.part(of: term, frequency: frequency, length: length) }
            rest -= cursors[term].bound
            if (score + max(0, rest)) * Self.slack <= threshold { return true }
        }
        return false
    }
}

/// Partial scores of a window's rows.
private struct Window {
    var scores: [Float]
    /// A bit for each row that has a score.
    var touched: [UInt64]

    init(rows: Int) {
        scores = [Float](repeating: 0, count: rows)
        touched = [UInt64](repeating: 0, count: rows / 64)
    }

    /// Adds one term's contribution to the scores of those of `rows` that are in the window and have a length.
    static func add(
        _ rows: [UInt32], _ frequencies: [UInt16], from start: Int, _ lengths: [UInt16], _ scorer: BM25.Scorer,
        _ term: Int, _ allScores: inout [Float], _ allTouched: inout [UInt64]
    ) {
        let (rows, frequencies, lengths) = (rows.span, frequencies.span, lengths.span)
        var scores = allScores.mutableSpan
        var touched = allTouched.mutableSpan
        for index in rows.indices {
            let offset = Int(rows[index]) - start
            if offset < 0 { continue }
            if offset >= lengths.count { break }
            scores[offset] += scorer.part(
                of: term, frequency: Int(frequencies[index]), length: Int(lengths[offset]))
            touched[offset >> 6] |= 1 << UInt64(offset & 63)
        }
    }
}

/// The best hits so far: a heap with the worst on top.
private struct BestHits {
    /// The worse, the nearer the top.
    private struct Entry: HeapElement {
        let hit: WordHit
        let score: Float

        func isAbove(_ other: Entry) -> Bool {
            score != other.score ? score < other.score : hit.row > other.hit.row
        }
    }

    private let limit: Int
    private var heap = Heap<Entry>()

    init(limit: Int) {
        self.limit = limit
    }

    /// The score that a later row must exceed; nil while there is room for any.
    var threshold: Float? { heap.count < limit ? nil : heap.top?.score }

    mutating func insert(_ hit: WordHit, score: Float) {
        let entry = Entry(hit: hit, score: score)
        if heap.count < limit {
            heap.insert(entry)
        } else if let worst = heap.top, worst.isAbove(entry) {
            heap.replaceTop(with: entry)
        }
    }

    /// Best first.
    func sorted() -> [WordHit] { heap.elements.sorted { $1.isAbove($0) }.map(\.hit) }
}
