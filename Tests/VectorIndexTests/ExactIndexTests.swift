import Core
import TestSupport
import Testing

@testable import VectorIndex

@Suite struct ExactIndexTests {
    /// Small whole numbers: sums are exact in float32, so ties are real ties.
    private static func numbers(_ count: Int, seed: UInt64, below limit: Int = 7) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float(Int.random(in: -limit...limit, using: &generator)) }
    }

    /// The definition: score every row, sort by score and row.
    private static func reference(_ queries: [Float], _ vectors: [Float], dimension: Int, k: Int) -> [[Hit]] {
        stride(from: 0, to: queries.count, by: dimension).map { start in
            let hits = (0..<(vectors.count / dimension)).map { row in
                Hit(
                    row: row,
                    score: (0..<dimension).reduce(0) { $0 + queries[start + $1] * vectors[row * dimension + $1] })
            }
            return Array(hits.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }.prefix(k))
        }
    }

    @Test(
        "search finds the same hits as sorting every score, ties by lower row",
        arguments: [(1, 1, 1), (7, 3, 100), (16, 65, 2047), (33, 2, 2048), (8, 130, 4100), (128, 1, 5000)])
    func agreesWithDefinition(dimension: Int, queryCount: Int, rows: Int) throws {
        let vectors = Self.numbers(rows * dimension, seed: 1)
        let queries = Self.numbers(queryCount * dimension, seed: 2)
        let index = try ExactIndex(dimension: dimension, vectors: vectors.map { BFloat16($0) })
        for k in [1, 10, 100] {
            let found = try index.search(queries, k: k, deadline: .after(milliseconds: 60_000))
            #expect(found == Self.reference(queries, vectors, dimension: dimension, k: k))
        }
    }

    @Test("searching in a batch gives the same bits as searching one by one")
    func batchEqualsSingle() throws {
        var generator = SeededGenerator(seed: 3)
        let dimension = 48
        let vectors = (0..<(3000 * dimension)).map { _ in BFloat16(Float.random(in: -3...3, using: &generator)) }
        let queries = (0..<(70 * dimension)).map { _ in Float.random(in: -3...3, using: &generator) }
        let index = try ExactIndex(dimension: dimension, vectors: vectors)
        let batch = try index.search(queries, k: 20, deadline: .after(milliseconds: 60_000))
        for query in 0..<70 {
            let alone = try index.search(
                Array(queries[(query * dimension)..<((query + 1) * dimension)]), k: 20,
                deadline: .after(milliseconds: 60_000))
            #expect(alone == [batch[query]])
        }
    }

    @Test("k above the number of rows gives every row, k of 0 and an empty index give none")
    func extremes() throws {
        let index = try ExactIndex(dimension: 2, vectors: [1, 0, 2, 0, 3, 0].map { BFloat16($0) })
        let deadline = Deadline.after(milliseconds: 60_000)
        #expect(try index.search([1, 1], k: 1_000_000_000, deadline: deadline)[0].map(\.row) == [2, 1, 0])
        #expect(try index.search([1, 1], k: 0, deadline: deadline) == [[]])
        #expect(try index.search([], k: 5, deadline: deadline) == [])
        let empty = try ExactIndex(dimension: 2, vectors: [])
        #expect(try empty.search([1, 1], k: 5, deadline: deadline) == [[]])
        #expect(index.residentBytes == ByteCount(12))
    }

    @Test("wrong sizes, numbers that are not finite and a negative k are refused")
    func refusals() throws {
        let index = try ExactIndex(dimension: 2, vectors: [1, 0].map { BFloat16($0) })
        let deadline = Deadline.after(milliseconds: 60_000)
        for queries: [Float] in [[1], [1, 2, 3], [.nan, 0], [0, .infinity]] {
            let error = #expect(throws: ImpRAGError.self) {
                try index.search(queries, k: 1, deadline: deadline)
            }
            #expect(error?.code == .invalidArgument)
        }
        #expect(throws: ImpRAGError.self) { try index.search([1, 2], k: -1, deadline: deadline) }
        #expect(throws: ImpRAGError.self) { try ExactIndex(dimension: 2, vectors: [BFloat16(1)]) }
        #expect(throws: ImpRAGError.self) { try ExactIndex(dimension: 1, vectors: [BFloat16(.nan)]) }
        #expect(throws: ImpRAGError.self) { try ExactIndex(dimension: 1, vectors: [BFloat16(-.infinity)]) }
    }

    @Test("finite numbers whose scores overflow to NaN are refused, not ranked")
    func overflow() throws {
        let large = Float(3e38)
        let index = try ExactIndex(dimension: 2, vectors: [large, large].map { BFloat16($0) })
        let error = #expect(throws: ImpRAGError.self) {
            try index.search([large, -large], k: 1, deadline: .after(milliseconds: 60_000))
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a deadline that has passed stops the search")
    func deadline() throws {
        let index = try ExactIndex(dimension: 1, vectors: [BFloat16(1)])
        let error = #expect(throws: ImpRAGError.self) {
            try index.search([1], k: 1, deadline: .after(milliseconds: -1))
        }
        #expect(error?.code == .deadlineExceeded)
    }
}
