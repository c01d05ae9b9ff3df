import Core
import Kernels
import TestSupport
import Testing

/// The first pass over vectors in memory: it may leave nothing out that is among the best, whatever the numbers are.
@Suite struct FlatScannerTests {
    /// How the numbers of a set are made.
    enum Kind: CaseIterable {
        case normal, whole, farFromZero, tiny, outliers, duplicates, beyondLimit

        func vectors(_ count: Int, _ dimension: Int, _ random: inout SeededGenerator) -> [BFloat16] {
            var numbers = (0..<count * dimension).map { _ in Float.random(in: -2...2, using: &random) }
            switch self {
            case .normal: break
            case .whole: numbers = numbers.map { $0.rounded() }
            case .farFromZero: numbers = numbers.map { $0 + 50 }
            case .tiny: numbers = numbers.map { $0 * 1e-25 }
            case .outliers:
                for place in stride(from: 0, to: numbers.count, by: 37) { numbers[place] *= 1000 }
            case .duplicates:
                for row in 1..<max(1, count) where row % 4 != 0 {
                    for place in 0..<dimension { numbers[row * dimension + place] = numbers[place] }
                }
            case .beyondLimit:
                for (place, number) in [Float.nan, .infinity, 3e38, -1e16].enumerated() {
                    numbers[place * 7919 % numbers.count] = number
                }
            }
            return numbers.map { BFloat16($0) }
        }
    }

    private struct Found: Equatable {
        var row: Int
        var score: Float
    }

    /// Every score of the rows of `allowed`, sorted.
    private static func best(
        _ query: ArraySlice<Float>, _ vectors: [BFloat16], k: Int, allowed: RowSet
    ) -> [Found] {
        let query = Array(query)
        let all = (0..<vectors.count / query.count).filter { allowed.contains($0) }.map { row in
            let vector = Array(vectors[(row * query.count)..<((row + 1) * query.count)])
            return Found(row: row, score: innerProduct(query.span, vector.span))
        }
        let finite = all.filter(\.score.isFinite)
        return Array(finite.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(k))
    }

    @Test("the best rows and their scores are those of scoring every row, at every level", arguments: Kind.allCases)
    func findsTheBest(kind: Kind) throws {
        var random = SeededGenerator(seed: 41)
        for (count, dimension, k) in [(1, 1, 1), (15, 7, 3), (16, 64, 5), (17, 33, 40), (300, 96, 10), (700, 130, 25)] {
            let vectors = kind.vectors(count, dimension, &random)
            var allowed = RowSet()
            for row in 0..<count where count < 20 || row % 3 > 0 && row / 64 % 3 > 0 { allowed.insert(row) }
            let queries = (0..<5 * dimension).map { _ in Float.random(in: -9...9, using: &random) }
            // In two blocks with a centre, and in one around zero.
            let cut = max(1, count / 3)
            for (parts, centre) in [([0..<cut, cut..<count], vectors), ([0..<count], [])] {
                let blocks = parts.filter { !$0.isEmpty }.map { rows in
                    FlatBlock(
                        rows: rows.map { UInt32($0) },
                        vectors: Array(vectors[(rows.lowerBound * dimension)..<(rows.upperBound * dimension)]),
                        dimension: dimension, centre: FlatCentre(of: centre, dimension: dimension))
                }
                for level in KernelLevel.available {
                    let scanner = try #require(FlatScanner(kernels: level))
                    scanner.begin(queries, count: 5, dimension: dimension, k: k)
                    for block in blocks {
                        scanner.scan(block, panels: 0..<block.panelCount, allowed: block.allowed(allowed))
                    }
                    for query in 0..<5 {
                        let expected = Self.best(
                            queries[(query * dimension)..<((query + 1) * dimension)], vectors, k: k, allowed: allowed)
                        var found: [Found] = []
                        scanner.score(query, threshold: -.infinity) { row, score in
                            if score.isFinite { found.append(Found(row: row, score: score)) }
                            found.sort { ($1.score, $0.row) < ($0.score, $1.row) }
                            return found.count < k ? -.infinity : found[k - 1].score
                        }
                        #expect(Array(found.prefix(k)) == expected, "\(level), \(count) × \(dimension), k = \(k)")
                    }
                }
            }
        }
    }

    @Test("few rows are scored where scores differ: the first pass is worth its while")
    func scoresFew() throws {
        var random = SeededGenerator(seed: 42)
        let (count, dimension) = (4000, 256)
        let vectors = Kind.farFromZero.vectors(count, dimension, &random)
        let block = FlatBlock(
            rows: (0..<UInt32(count)).map { $0 }, vectors: vectors, dimension: dimension,
            centre: FlatCentre(of: vectors, dimension: dimension))
        var allowed = RowSet()
        for row in 0..<count { allowed.insert(row) }
        let scanner = try #require(FlatScanner())
        let query = (0..<dimension).map { _ in Float.random(in: -9...9, using: &random) }
        scanner.begin(query, count: 1, dimension: dimension, k: 10)
        scanner.scan(block, panels: 0..<block.panelCount, allowed: block.allowed(allowed))
        var scores: [Float] = []
        let scored = scanner.score(0, threshold: -.infinity) { _, score in
            scores = Array((scores + [score]).sorted(by: >).prefix(10))
            return scores.count < 10 ? -.infinity : scores[9]
        }
        #expect(scored < 100, "\(scored)")
    }

    @Test("every level gives the portable one's bounds, bit by bit", arguments: [1, 2, 15, 64, 67, 256])
    func levelsAgree(dimension: Int) throws {
        var random = SeededGenerator(seed: 43)
        var isNear = false
        for count in [1, 16, 50] {
            let block = FlatBlock(
                rows: (0..<UInt32(count)).map { $0 }, vectors: Kind.outliers.vectors(count, dimension, &random),
                dimension: dimension, centre: FlatCentre(of: [], dimension: dimension))
            for queries in 1...4 {
                let words = (0..<queries).map { _ in
                    (0..<(dimension + 1) / 2 * 2).map { _ in Int16.random(in: -32767...32767, using: &random) }
                }
                func bounds(_ level: String) throws -> (upper: [Float], near: [UInt16]) {
                    try #require(
                        FlatScanner.bounds(
                            words, unit: 0.37, base: -1.25, norm: 3.5, least: 0.5, of: block, level: level))
                }
                let expected = try bounds("portable")
                isNear = isNear || expected.near.contains { $0 != 0 }
                for level in KernelLevel.available {
                    let found = try bounds(level)
                    #expect(found.upper.map(\.bitPattern) == expected.upper.map(\.bitPattern), "\(level)")
                    #expect(found.near == expected.near, "\(level)")
                }
            }
        }
        #expect(isNear || dimension < 15)
    }

    @Test("which vectors may be found is read from rows that follow each other as from others")
    func allowedRows() {
        var allowed = RowSet()
        var random = SeededGenerator(seed: 44)
        for row in 0..<500 where Bool.random(using: &random) { allowed.insert(row) }
        for first in [0, 1, 47, 49, 63, 64, 480, 511, 900] {
            for count in [1, 15, 16, 17, 70] {
                let run = (first..<first + count).map { UInt32($0) }
                for rows in [run, run.map { 2 * $0 }] {
                    let block = FlatBlock(
                        rows: rows, vectors: rows.map { BFloat16(Float($0)) }, dimension: 1,
                        centre: FlatCentre(of: [], dimension: 1))
                    #expect(block.allowed(allowed).count == rows.filter { allowed.contains(Int($0)) }.count)
                }
            }
        }
    }
}
