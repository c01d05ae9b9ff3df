internal import Core

/// The best `limit` hits seen so far: a bounded heap with the worst of them on top.
///
/// Better means a higher score, ties broken by the lower row, so the result does not depend on the order of arrival.
struct TopHits {
    /// The worse, the nearer the top.
    private struct Entry: HeapElement {
        let hit: Hit

        func isAbove(_ other: Entry) -> Bool {
            hit.score < other.hit.score || hit.score == other.hit.score && hit.row > other.hit.row
        }
    }

    let limit: Int
    private var heap = Heap<Entry>()
    /// The first few rows that were skipped because their scores are not finite.
    private(set) var unscored: [Int] = []
    private static let unscoredLimit = 8

    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(limit)
    }

    /// A lower score cannot enter.
    var threshold: Float { heap.count < limit ? -.infinity : heap.top?.hit.score ?? .infinity }

    /// O(log limit) when `hit` enters, O(1) when it does not.
    mutating func insert(_ hit: Hit) {
        let entry = Entry(hit: hit)
        if heap.count < limit {
            heap.insert(entry)
        } else if let worst = heap.top, worst.isAbove(entry) {
            heap.replaceTop(with: entry)
        }
    }

    /// Enters a row with its score, unless that is not finite. Queries are within `VectorLimit`, so a score that is not
    /// finite means a vector beyond it, stored before there was a limit.
    mutating func enter(row: Int, score: Float) {
        guard score.isFinite else { return pass(over: [row]) }
        insert(Hit(row: row, score: score))
    }

    mutating func pass(over rows: [Int]) {
        unscored += rows.prefix(Self.unscoredLimit - unscored.count)
    }

    /// Best first.
    func sorted() -> [Hit] { heap.elements.sorted { $1.isAbove($0) }.map(\.hit) }
}
