import Core
import Kernels
import TestSupport
import Testing

/// Every instruction level against the portable one, at lengths around the lane widths.
@Suite struct LoopsTests {
    private static let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100]
    private let portable: Loops
    private let others: [Loops]

    init() throws {
        portable = try #require(Loops("portable"))
        others = Loops.names.dropFirst().compactMap { Loops($0) }
    }

    private func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
    }

    private func expectClose(
        _ a: [Float], _ b: [Float], _ tolerance: Float = 1e-5, location: SourceLocation = #_sourceLocation
    ) {
        #expect(a.count == b.count, sourceLocation: location)
        for (a, b) in zip(a, b) { #expect(abs(a - b) <= tolerance * max(1, abs(b)), sourceLocation: location) }
    }

    @Test("sums and row arithmetic agree", arguments: lengths)
    func rows(count: Int) {
        let (a, b) = (numbers(count, seed: 1), numbers(count, seed: 2))
        let wide = numbers(count, seed: 3, scale: 90)
        for loops in others {
            expectClose([loops.dot(a, b)], [portable.dot(a, b)])
            #expect(loops.highest(wide) == portable.highest(wide))
            expectClose(loops.swiglu(wide, a), portable.swiglu(wide, a))
            let highest = portable.highest(wide)
            guard count > 0 else { continue }
            expectClose(
                loops.normalize(a, weight: b, epsilon: 1e-5), portable.normalize(a, weight: b, epsilon: 1e-5))
            expectClose(
                loops.exponentiate(wide, highest: highest), portable.exponentiate(wide, highest: highest), 2e-6)
        }
    }

    @Test("rounding to bf16 and widening are exact on every level", arguments: lengths)
    func conversions(count: Int) {
        var random = SeededGenerator(seed: 4)
        var values = (0..<count).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random)) }
        for (index, special) in [Float.nan, .infinity, -.infinity, 0, -0.0, 0x1.01p0, 0x1.03p0, 0x1p-140].enumerated()
        where index < count {
            values[index] = special
        }
        for loops in others + [portable] {
            let narrow = loops.narrow(values)
            #expect(narrow == values.map { BFloat16($0).bits })
            #expect(loops.widen(narrow).map(\.bitPattern) == narrow.map { BFloat16(bits: $0).float.bitPattern })
        }
    }

    @Test("scores and weighted sums agree for every number of rows", arguments: [1, 5, 16, 17, 40])
    func attentionPieces(count: Int) {
        for depth in [2, 8, 15, 16, 18, 32, 40, 64] {
            for rows in 1...4 {
                let queries = numbers(rows * depth, seed: 5)
                let keys = numbers(depth * count, seed: 6)
                let weights = numbers(rows * count, seed: 7)
                let expected = portable.scores(queries, keys, rows: rows, count: count, depth: depth)
                let sums = portable.weigh(weights, keys, rows: rows, count: count, depth: depth)
                for loops in others {
                    expectClose(loops.scores(queries, keys, rows: rows, count: count, depth: depth), expected)
                    expectClose(loops.weigh(weights, keys, rows: rows, count: count, depth: depth), sums)
                }
            }
        }
    }

    @Test("a row's scores and sums have the same bits alone and among four")
    func rowsDoNotMeet() {
        let (count, depth) = (37, 24)
        let queries = numbers(4 * depth, seed: 8)
        let keys = numbers(depth * count, seed: 9)
        let weights = numbers(4 * count, seed: 10)
        for loops in others + [portable] {
            let scores = loops.scores(queries, keys, rows: 4, count: count, depth: depth)
            let sums = loops.weigh(weights, keys, rows: 4, count: count, depth: depth)
            for row in 0..<4 {
                let query = Array(queries[row * depth..<(row + 1) * depth])
                let alone = loops.scores(query, keys, rows: 1, count: count, depth: depth)
                #expect(alone == Array(scores[row * count..<(row + 1) * count]))
                let weight = Array(weights[row * count..<(row + 1) * count])
                let sum = loops.weigh(weight, keys, rows: 1, count: count, depth: depth)
                #expect(sum == Array(sums[row * depth..<(row + 1) * depth]))
            }
        }
    }

    @Test("bf16 products agree at every shape around the tiles", arguments: [1, 16, 17, 40])
    func products(depth: Int) {
        for (m, n) in [(1, 1), (2, 3), (3, 4), (4, 9), (9, 5)] {
            let a = numbers(m * depth, seed: 11)
            let b = portable.narrow(numbers(n * depth, seed: 12))
            let expected = portable.multiply(a, b, m: m, n: n, depth: depth)
            for loops in others { expectClose(loops.multiply(a, b, m: m, n: n, depth: depth), expected) }
        }
    }

    @Test("unknown levels do not exist")
    func unknownLevel() {
        #expect(Loops("avx1024") == nil)
    }
}
