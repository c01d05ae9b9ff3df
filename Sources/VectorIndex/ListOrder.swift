/// List numbers by descending score, of which mostly the first few are wanted: those are selected and sorted at once, the
/// others only when somebody goes on. Equal scores come in the order of their numbers.
struct ListOrder: Sequence, IteratorProtocol {
    private let scores: [Float]
    private var sorted: [Int]
    private var place = 0
    private var isComplete: Bool

    init(_ scores: [Float], first wanted: Int) {
        self.scores = scores
        isComplete = wanted >= scores.count
        guard !isComplete else {
            sorted = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
            return
        }
        var best = TopHits(limit: wanted)
        var threshold = -Float.infinity
        for (list, score) in scores.enumerated() where score > threshold || threshold == -.infinity {
            best.insert(Hit(row: list, score: score))
            threshold = best.threshold
        }
        sorted = best.sorted().map(\.row)
    }

    mutating func next() -> Int? {
        if place == sorted.count, !isComplete {
            isComplete = true
            let seen = Set(sorted)
            sorted += scores.indices.filter { !seen.contains($0) }.sorted { (scores[$1], $0) < (scores[$0], $1) }
        }
        guard place < sorted.count else { return nil }
        defer { place += 1 }
        return sorted[place]
    }
}
