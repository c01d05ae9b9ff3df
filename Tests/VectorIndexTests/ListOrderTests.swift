import TestSupport
import Testing

@testable import VectorIndex

@Suite struct ListOrderTests {
    @Test("all lists come once, by descending score and then by number, however many were wanted at first")
    func order() {
        var random = SeededGenerator(seed: 1)
        for count in [1, 2, 16, 65, 200] {
            let scores = (0..<count).map { _ in Float(Int.random(in: 0..<20, using: &random)) }
            let expected = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
            for wanted in [0, 1, 5, count - 1, count, count + 3] {
                #expect(Array(ListOrder(scores, first: wanted)) == expected, "\(wanted) of \(count)")
            }
        }
    }

    @Test("scores that are −∞ or no numbers are lists too")
    func strangeScores() {
        let scores: [Float] = [-.infinity, .nan, 3, -.infinity, .nan]
        for wanted in 0...5 {
            let order = Array(ListOrder(scores, first: wanted))
            #expect(order.sorted() == [0, 1, 2, 3, 4])
        }
    }

    @Test("the threshold of the best scores is the k-th best", arguments: [1, 2, 10, 1000])
    func bestScores(limit: Int) {
        var random = SeededGenerator(seed: 2)
        var best = BestScores(limit: limit)
        var all: [Float] = []
        for _ in 0..<500 {
            let score = Float(Int.random(in: -50...50, using: &random))
            best.insert(score)
            all.append(score)
            let sorted = all.sorted(by: >)
            #expect(best.threshold == (sorted.count < limit ? -.infinity : sorted[limit - 1]))
        }
    }
}
