/// The `limit` largest numbers seen so far, of which only the smallest is asked for: a binary heap.
struct BestScores {
    private let limit: Int
    private var heap: [Float] = []

    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(limit)
    }

    /// The smallest of the best; −∞ while there are fewer than `limit`.
    var threshold: Float { heap.count < limit ? -.infinity : heap[0] }

    mutating func insert(_ score: Float) {
        if heap.count < limit {
            heap.append(score)
            var child = heap.count - 1
            while child > 0, heap[child] < heap[(child - 1) / 2] {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
            return
        }
        guard limit > 0, score > heap[0] else { return }
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < limit else { break }
            if child + 1 < limit, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < score else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = score
    }
}
