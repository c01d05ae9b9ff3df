import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct AttentionTests {
    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
    }

    @Test("one softmax over context and own tokens, as written down in double precision", arguments: [1, 3, 4, 5, 18])
    func agreesWithDouble(rows: Int) {
        for (keyHeads, group, size) in [(1, 1, 16), (2, 3, 18), (4, 1, 64)] {
            for (context, first) in [(0, 0), (0, 6), (9, 0), (33, 5)] {
                let shape = AttentionShape(keyHeadCount: keyHeads, groupSize: group, headSize: size)
                let own = first + rows
                let stride = shape.queryWidth + 5
                let queries = numbers(rows * stride, seed: 1)
                let contextKeys = numbers(context * shape.keyWidth, seed: 2)
                let contextValues = numbers(context * shape.keyWidth, seed: 3)
                let ownKeys = numbers(own * shape.keyWidth, seed: 4)
                let ownValues = numbers(own * shape.keyWidth, seed: 5)
                var out = [Float](repeating: .nan, count: rows * shape.queryWidth)
                var mass = [Float](repeating: .nan, count: keyHeads * group * context)
                attend(
                    shape, queries: queries, queryStride: stride, rows: rows, contextKeys: contextKeys,
                    contextValues: contextValues, ownKeys: ownKeys, ownValues: ownValues, into: &out, mass: &mass,
                    pool: WorkerPool(threadCount: 2))
                var worst = 0.0
                for row in 0..<rows {
                    for head in 0..<keyHeads * group {
                        let key = head / group * size
                        let seen = first + row + 1
                        func score(_ keys: [Float], _ token: Int) -> Double {
                            (0..<size).reduce(0.0) {
                                $0 + Double(queries[row * stride + head * size + $1])
                                    * Double(keys[token * shape.keyWidth + key + $1])
                            } / Double(size).squareRoot()
                        }
                        let scores =
                            (0..<context).map { score(contextKeys, $0) } + (0..<seen).map { score(ownKeys, $0) }
                        let highest = scores.max() ?? 0
                        let powers = scores.map { exp($0 - highest) }
                        let sum = powers.reduce(0, +)
                        for column in 0..<size {
                            let exact = powers.indices.reduce(0.0) { total, token in
                                let value =
                                    token < context
                                    ? contextValues[token * shape.keyWidth + key + column]
                                    : ownValues[(token - context) * shape.keyWidth + key + column]
                                return total + powers[token] / sum * Double(value)
                            }
                            worst = max(worst, abs(Double(out[row * shape.queryWidth + head * size + column]) - exact))
                        }
                        guard row + 1 == rows else { continue }
                        for token in 0..<context {
                            worst = max(worst, abs(Double(mass[head * context + token]) - powers[token] / sum))
                        }
                    }
                }
                #expect(worst < 2e-5, "\(rows) rows, \(context) + \(own) tokens, \(shape)")
            }
        }
    }

    @Test("scores far from zero neither overflow nor vanish")
    func extremes() {
        let shape = AttentionShape(keyHeadCount: 1, groupSize: 1, headSize: 2)
        var out: [Float] = [0, 0]
        var mass: [Float] = []
        attend(
            shape, queries: [1000, 0], queryStride: 2, rows: 1, contextKeys: [-1000, 0, 1000, 0],
            contextValues: [1, 2, 3, 4], ownKeys: [0, 0], ownValues: [5, 6], into: &out, mass: &mass,
            pool: WorkerPool(threadCount: 1))
        #expect(abs(out[0] - 3) < 1e-5 && abs(out[1] - 4) < 1e-5)
    }
}
