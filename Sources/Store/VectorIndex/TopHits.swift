/// The best `limit` hits seen so far: a bounded binary heap with the worst of them on top.
///
/// Better means a larger score, and at equal scores a lower row; so the result does not depend on the order of
/// arrival.
struct TopHits {
    let limit: Int
    private var heap: [Hit] = []
    /// Rows that were passed over because their score is not finite, the first few.
    private(set) var unscored: [Int] = []
    private static let unscoredLimit = 8

    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(limit)
    }

    /// A score below it cannot enter.
    var threshold: Float { heap.count < limit ? -.infinity : heap.first?.score ?? .infinity }

    /// O(log limit) when `hit` enters, O(1) when it does not.
    mutating func insert(_ hit: Hit) {
        if heap.count < limit {
            heap.append(hit)
            var child = heap.count - 1
            while child > 0, Self.isWorse(heap[child], heap[(child - 1) / 2]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if let worst = heap.first, Self.isWorse(worst, hit) {
            heap[0] = hit
            sinkFirst()
        }
    }

    /// Enters a row with a score; one that is not finite is passed over. Queries are within `VectorLimit`, so that it
    /// is the row's vector that is beyond: one that was stored before there was a limit.
    mutating func enter(row: Int, score: Float) {
        guard score.isFinite else { return pass(over: [row]) }
        insert(Hit(row: row, score: score))
    }

    mutating func pass(over rows: [Int]) {
        unscored += rows.prefix(Self.unscoredLimit - unscored.count)
    }

    /// Best first.
    func sorted() -> [Hit] { heap.sorted { Self.isWorse($1, $0) } }

    private mutating func sinkFirst() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Self.isWorse(heap[child], heap[worst]) { worst = child }
            }
            if worst == parent { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }

    private static func isWorse(_ left: Hit, _ right: Hit) -> Bool {
        left.score < right.score || left.score == right.score && left.row > right.row
    }
}
