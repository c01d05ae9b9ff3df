import Core
import TestSupport
import Testing

@testable import Kernels

@Suite struct DenseProductsTests {
    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    @Test("a · bᵀ agrees with a sum in double precision, whatever piece a row is in", arguments: [1, 2, 3])
    func multiply(threads: Int) {
        let pool = WorkerPool(threadCount: threads)
        for (m, n, k) in [(1, 1, 1), (2, 7, 33), (255, 3, 16), (256, 3, 16), (257, 5, 8), (1100, 2, 5)] {
            let (a, b) = (Self.numbers(m * k + 3, seed: 1), Self.numbers(n * k, seed: 2))
            var c = [Float](repeating: .nan, count: m * n + 1)
            multiplyTransposed(a, b, into: &c, m: m, n: n, k: k, pool: pool)
            var worst = 0.0
            for row in 0..<m {
                for column in 0..<n {
                    let exact = (0..<k).reduce(0.0) { $0 + Double(a[row * k + $1]) * Double(b[column * k + $1]) }
                    worst = max(worst, abs(Double(c[row * n + column]) - exact))
                }
            }
            #expect(worst < 1e-5 && c[m * n].isNaN, "[\(m) × \(k)] · [\(n) × \(k)]ᵀ")
        }
    }

    @Test("second moments are added to what is there, from the diagonal on")
    func secondMoments() {
        let (rows, width) = (40, 6)
        let x = Self.numbers(rows * width, seed: 3)
        var sum = [Float](repeating: 2, count: width * width)
        addSecondMoments(of: x, rows: rows, width: width, to: &sum)
        for i in 0..<width {
            for j in i..<width {
                let exact = (0..<rows).reduce(2.0) { $0 + Double(x[$1 * width + i]) * Double(x[$1 * width + j]) }
                #expect(abs(Double(sum[i * width + j]) - exact) < 1e-4)
            }
        }
    }

    /// A reflection of `values` on the diagonal: eigenvectors are known and have no zeros.
    private static func matrix(_ values: [Float]) -> (matrix: [Float], vectors: [Float]) {
        let width = values.count
        let normal = numbers(width, seed: 4)
        let square = normal.reduce(0) { $0 + $1 * $1 }
        var vectors = [Float](repeating: 0, count: width * width)
        for i in 0..<width {
            for j in 0..<width { vectors[i * width + j] = (i == j ? 1 : 0) - 2 * normal[i] * normal[j] / square }
        }
        var matrix = [Float](repeating: .nan, count: width * width)
        for i in 0..<width {
            for j in i..<width {
                matrix[i * width + j] = (0..<width).reduce(0) {
                    $0 + values[$1] * vectors[$1 * width + i] * vectors[$1 * width + j]
                }
            }
        }
        return (matrix, vectors)
    }

    @Test(
        "eigenvectors of a known matrix: descending, orthonormal, the ones that it was made of", arguments: [1, 3, 20])
    func eigenvectors(wanted: Int) throws {
        let width = 20
        // Below the diagonal the matrix is not a number, because nobody may look there.
        let (matrix, known) = Self.matrix((0..<width).map { Float($0 * 7 % width) + 1 })
        let (values, vectors) = try #require(largestEigenvectors(of: matrix, width: width, wanted: wanted))
        #expect(values.count == wanted && vectors.count == wanted * width)
        for index in 0..<wanted {
            #expect(abs(values[index] - Float(width - index)) < 1e-3)
            let vector = Array(vectors[(index * width)..<((index + 1) * width)])
            let from = try #require((0..<width).first { $0 * 7 % width + 1 == width - index })
            let product = (0..<width).reduce(0) { $0 + vector[$1] * known[from * width + $1] }
            #expect(abs(abs(product) - 1) < 1e-4)
            for other in 0...index {
                let product = (0..<width).reduce(0) { $0 + vector[$1] * vectors[other * width + $1] }
                #expect(abs(product - (other == index ? 1 : 0)) < 1e-4)
            }
        }
    }

    @Test("a matrix of zeros, one of a single number and equal eigenvalues have eigenvectors")
    func degenerateMatrices() throws {
        #expect(try #require(largestEigenvectors(of: [3], width: 1, wanted: 1)).values == [3])
        let zero = try #require(largestEigenvectors(of: [Float](repeating: 0, count: 64), width: 8, wanted: 8))
        #expect(zero.values == [Float](repeating: 0, count: 8))
        for row in 0..<8 {
            #expect(abs((0..<8).reduce(0) { $0 + zero.vectors[row * 8 + $1] * zero.vectors[row * 8 + $1] } - 1) < 1e-5)
        }
    }

    @Test(
        "the largest difference: the lowest of equal ones, never one that is no number",
        arguments: [1, 7, 8, 9, 63, 64, 65, 200])
    func largestDifference(count: Int) {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            // Few different numbers, so that there are ties.
            var values = (0..<count + 5).map { _ in Float(Int.random(in: 0..<4, using: &random)) }
            let subtracted = (0..<count).map { _ in Float(Int.random(in: 0..<4, using: &random)) }
            for _ in 0..<count / 4 { values[5 + Int.random(in: 0..<count, using: &random)] = .nan }
            let differences = (0..<count).map { values[5 + $0] - subtracted[$0] }
            let numbers = differences.filter { !$0.isNaN }
            let expected = numbers.max().flatMap { most in differences.firstIndex { $0 == most } } ?? 0
            #expect(indexOfLargestDifference(values, from: 5, minus: subtracted) == expected)
        }
    }

    @Test("of nothing, of what is no number and of −∞ alone the first is the largest")
    func largestOfNothing() {
        #expect(indexOfLargestDifference([1, 2], from: 2, minus: []) == 0)
        #expect(indexOfLargestDifference([.nan, .nan], from: 0, minus: [0, 0]) == 0)
        #expect(indexOfLargestDifference([-.infinity, -.infinity], from: 0, minus: [0, 0]) == 0)
        #expect(indexOfLargestDifference([.nan, -5, .infinity], from: 0, minus: [0, 0, 1]) == 2)
    }

    @Test(
        "inner products with bf16 agree with double precision, bytes with numbers",
        arguments: [0, 1, 15, 16, 17, 31, 33, 1000])
    func innerProducts(count: Int) {
        let query = Self.numbers(count, seed: 6)
        let vector = Self.numbers(count, seed: 7).map { BFloat16($0) }
        let exact = (0..<count).reduce(0.0) { $0 + Double(query[$1]) * Double(vector[$1].float) }
        let found = innerProduct(query.span, vector.span)
        #expect(abs(Double(found) - exact) < 1e-4)
        let bytes = vector.flatMap { [UInt8(truncatingIfNeeded: $0.bits), UInt8(truncatingIfNeeded: $0.bits >> 8)] }
        let fromBytes = unsafe innerProduct(query.span, bytes.span.bytes)
        #expect(fromBytes.bitPattern == found.bitPattern)
        var wide = [Float](repeating: 9, count: count + 2)
        unsafe widen(bytes.span.bytes, into: &wide, at: 1)
        #expect(wide == [9] + vector.map(\.float) + [9])
        var numbers: [BFloat16] = []
        unsafe appendNumbers(of: bytes.span.bytes, to: &numbers)
        #expect(numbers == vector)
    }

    @Test("second moments are the same bits in a process's first call as in all later ones")
    func firstCall() async {
        await #expect(processExitsWith: .success) {
            var generator = SeededGenerator(seed: 5)
            let (rows, width) = (1100, 1024)
            let x = (0..<rows * width).map { _ in Float.random(in: -1...1, using: &generator) }
            func moments() -> [Float] {
                var sum = [Float](repeating: 0, count: width * width)
                addSecondMoments(of: x, rows: rows, width: width, to: &sum)
                return sum
            }
            let first = moments()
            // What else calls the library sets it up for good.
            _ = largestEigenvectors(of: [1, 0, 0, 1], width: 2, wanted: 1)
            #expect(moments() == first)
        }
    }
}
