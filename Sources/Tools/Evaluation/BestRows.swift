/// The rows with the largest scores so far, best first; ties in order of arrival.
struct BestRows {
    private(set) var rows: [Int] = []
    private var scores: [Float] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ row: Int, score: Float) {
        guard rows.count < limit || score > scores[limit - 1] else { return }
        let place = scores.firstIndex { $0 < score } ?? scores.count
        rows.insert(row, at: place)
        scores.insert(score, at: place)
        if rows.count > limit {
            rows.removeLast()
            scores.removeLast()
        }
    }
}
