import Core
import Kernels
import TestSupport
import Testing

@Suite struct MultiplyTransposedTests {
    @Test(
        "scores agree with a sum in double precision at every shape around the tiles",
        arguments: [1, 15, 16, 17, 33, 64, 300])
    func agreesWithDouble(depth: Int) {
        var random = SeededGenerator(seed: 7)
        for (m, n) in [(1, 1), (1, 9), (3, 4), (4, 5), (5, 300), (9, 2)] {
            let a = (0..<m * depth).map { _ in Float.random(in: -1...1, using: &random) }
            let b = (0..<n * depth).map { _ in BFloat16(Float.random(in: -1...1, using: &random)) }
            var c = [Float](repeating: .nan, count: m * n)
            var out = c.mutableSpan
            multiplyTransposed(a.span, b.span, into: &out, m: m, n: n, k: depth)
            for i in 0..<m {
                for j in 0..<n {
                    let exact = (0..<depth).reduce(0.0) {
                        $0 + Double(a[i * depth + $1]) * Double(b[j * depth + $1].float)
                    }
                    #expect(abs(Double(c[i * n + j]) - exact) <= 1e-5 * Double(depth).squareRoot())
                }
            }
        }
    }

    @Test("a score has the same bits alone and in a batch")
    func bitsDoNotDependOnTheBatch() {
        var random = SeededGenerator(seed: 8)
        let (m, n, k) = (7, 41, 100)
        let a = (0..<m * k).map { _ in Float.random(in: -1...1, using: &random) }
        let b = (0..<n * k).map { _ in BFloat16(Float.random(in: -1...1, using: &random)) }
        var together = [Float](repeating: 0, count: m * n)
        var out = together.mutableSpan
        multiplyTransposed(a.span, b.span, into: &out, m: m, n: n, k: k)
        for i in 0..<m {
            for j in 0..<n {
                var alone: [Float] = [0]
                var one = alone.mutableSpan
                multiplyTransposed(
                    a.span.extracting(i * k..<i * k + k), b.span.extracting(j * k..<j * k + k), into: &one,
                    m: 1, n: 1, k: k)
                #expect(alone[0].bitPattern == together[i * n + j].bitPattern)
            }
        }
    }

    @Test("a pool changes no bit, also with more threads than rows", arguments: [2, 5])
    func pooled(threads: Int) {
        var random = SeededGenerator(seed: 9)
        let pool = WorkerPool(threadCount: threads)
        for (m, n, k) in [(1, 1, 20), (1, 3, 64), (2, 300, 130), (33, 17, 48)] {
            let a = (0..<m * k).map { _ in Float.random(in: -1...1, using: &random) }
            let b = (0..<n * k).map { _ in BFloat16(Float.random(in: -1...1, using: &random)) }
            var (alone, shared) = ([Float](repeating: 0, count: m * n), [Float](repeating: 1, count: m * n))
            var one = alone.mutableSpan
            var other = shared.mutableSpan
            multiplyTransposed(a.span, b.span, into: &one, m: m, n: n, k: k)
            multiplyTransposed(a.span, b.span, into: &other, m: m, n: n, k: k, pool: pool)
            #expect(alone.map(\.bitPattern) == shared.map(\.bitPattern))
        }
    }

    @Test("no rows on either side is no work")
    func emptySides() {
        var c: [Float] = []
        var out = c.mutableSpan
        multiplyTransposed([Float]().span, [BFloat16]().span, into: &out, m: 0, n: 0, k: 4)
        #expect(c.isEmpty)
    }
}
