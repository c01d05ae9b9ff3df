import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct HeadRowsTests {
    @Test("each head is normalised by itself, and its neighbours stay", arguments: [1, 2, 15, 16, 17, 64])
    func heads(size: Int) {
        var random = SeededGenerator(seed: 3)
        let (heads, rows, column) = (3, 300, 5)
        let stride = column + heads * size + 2
        let before = (0..<rows * stride).map { _ in Float.random(in: -3...3, using: &random) }
        let weight = (0..<size).map { _ in Float.random(in: 0.5...1.5, using: &random) }
        var after = before
        normalizeHeads(
            &after, stride: stride, column: column, heads: heads, rows: rows, weight: weight, epsilon: 1e-5,
            pool: WorkerPool(threadCount: 2))
        for row in 0..<rows {
            for place in 0..<stride {
                let index = row * stride + place
                guard (column..<column + heads * size).contains(place) else {
                    #expect(after[index] == before[index])
                    continue
                }
                let first = index - (place - column) % size
                let mean = before[first..<first + size].reduce(0.0) { $0 + Double($1) * Double($1) } / Double(size)
                let exact = Double(before[index]) * Double(weight[(place - column) % size]) / (mean + 1e-5).squareRoot()
                #expect(abs(Double(after[index]) - exact) < 1e-5)
            }
        }
    }

    @Test("numbers are added to the columns named, of every row")
    func addition() {
        var rows: [Float] = [1, 2, 3, 4, 5, 6]
        add([10, 20, 30], at: 1..<3, toRowsOf: &rows, stride: 3, rows: 2)
        #expect(rows == [1, 22, 33, 4, 25, 36])
    }
}
