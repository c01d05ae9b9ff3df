import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

/// Comparing with every vector, be it from the source or among the rows in memory.
@Suite struct ExactSearchTests {
    /// The ways to compare with every vector; they promise the same hits.
    enum Way: CaseIterable {
        case source
        case sourceInThreads
        case kept
        case flat

        func search(
            _ queries: [Float], k: Int, in source: MemoryVectors, allowed: RowSet? = nil, deadline: Deadline = .never
        ) throws(ImpRAGError) -> [[Hit]] {
            switch self {
            case .source:
                return try ExactSearch(source: source).search(
                    queries, k: k, allowed: allowed ?? source.live, deadline: deadline)
            case .sourceInThreads:
                return try ExactSearch(source: source, pool: WorkerPool(threadCount: 3)).search(
                    queries, k: k, allowed: allowed ?? source.live, deadline: deadline)
            case .kept:
                return try ExactSearch(source: UnreadVectors(like: source), kept: source.kept).search(
                    queries, k: k, allowed: allowed ?? source.live, deadline: deadline)
            case .flat:
                let snapshot = IndexSnapshot(coded: nil, flat: source.flat, live: source.live)
                return try IndexSearcher().search(
                    queries, k: k, plan: SearchPlan(probes: 1, margin: 0), in: snapshot, source: source,
                    matches: allowed, deadline: deadline
                ).map(\.hits)
            }
        }
    }

    /// Small whole numbers: sums are exact in float32, so ties are real ties.
    private static func numbers(_ count: Int, seed: UInt64, below limit: Int = 7) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float(Int.random(in: -limit...limit, using: &generator)) }
    }

    /// The definition: score every row, sort by score and row.
    private static func reference(
        _ queries: [Float], _ vectors: [Float], dimension: Int, k: Int, allowed: RowSet
    ) -> [[Hit]] {
        stride(from: 0, to: queries.count, by: dimension).map { start in
            let hits = (0..<(vectors.count / dimension)).filter { allowed.contains($0) }.map { row in
                var score: Float = 0
                for column in 0..<dimension { score += queries[start + column] * vectors[row * dimension + column] }
                return Hit(row: row, score: score)
            }
            return Array(hits.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }.prefix(k))
        }
    }

    @Test(
        "search finds the same hits as sorting every score, ties by lower row",
        arguments: [(1, 1, 1), (7, 3, 100), (16, 65, 1023), (33, 2, 1024), (8, 30, 2100), (128, 1, 1600)])
    func agreesWithDefinition(dimension: Int, queryCount: Int, rows: Int) throws {
        let vectors = Self.numbers(rows * dimension, seed: 1)
        let queries = Self.numbers(queryCount * dimension, seed: 2)
        var source = MemoryVectors(dimension: dimension, vectors: vectors)
        source.gone = Set((0..<rows).filter { $0 % 11 == 5 })
        var third = RowSet()
        source.live.forEach { if $0 % 3 == 0 { third.insert($0) } }
        for k in [1, 10, 100] {
            for allowed in [source.live, third] {
                let expected = Self.reference(queries, vectors, dimension: dimension, k: k, allowed: allowed)
                for way in Way.allCases {
                    #expect(try way.search(queries, k: k, in: source, allowed: allowed) == expected, "\(way), k = \(k)")
                }
            }
        }
    }

    @Test("searching in a batch gives the same bits as searching one by one", arguments: Way.allCases)
    func batchEqualsSingle(way: Way) throws {
        var generator = SeededGenerator(seed: 3)
        let dimension = 48
        let source = MemoryVectors(
            dimension: dimension,
            vectors: (0..<(3000 * dimension)).map { _ in Float.random(in: -3...3, using: &generator) })
        let queries = (0..<(20 * dimension)).map { _ in Float.random(in: -3...3, using: &generator) }
        let batch = try way.search(queries, k: 20, in: source)
        #expect(batch == (try Way.source.search(queries, k: 20, in: source)))
        for query in 0..<20 {
            let alone = try way.search(
                Array(queries[(query * dimension)..<((query + 1) * dimension)]), k: 20, in: source)
            #expect(alone == [batch[query]])
        }
    }

    @Test("k above the number of rows gives every row, k of 0 and no rows give none", arguments: Way.allCases)
    func extremes(way: Way) throws {
        let source = MemoryVectors(dimension: 2, vectors: [1, 0, 2, 0, 3, 0])
        #expect(try way.search([1, 1], k: 1_000_000_000, in: source)[0].map(\.row) == [2, 1, 0])
        #expect(try way.search([1, 1], k: 0, in: source) == [[]])
        #expect(try way.search([], k: 5, in: source) == [])
        let empty = MemoryVectors(dimension: 2, vectors: [])
        #expect(try way.search([1, 1], k: 5, in: empty) == [[]])
        #expect(try way.search([1, 1], k: 5, in: source, allowed: RowSet()) == [[]])
    }

    @Test("wrong sizes, numbers that are not finite and a negative k are refused", arguments: Way.allCases)
    func refusals(way: Way) throws {
        let source = MemoryVectors(dimension: 2, vectors: [1, 0])
        for queries: [Float] in [[1], [1, 2, 3], [.nan, 0], [0, .infinity], [1, 1, -.infinity, 0]] {
            let error = #expect(throws: ImpRAGError.self) { try way.search(queries, k: 1, in: source) }
            #expect(error?.code == .invalidArgument)
        }
        let error = #expect(throws: ImpRAGError.self) { try way.search([1, 2], k: -1, in: source) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("finite numbers whose scores overflow to NaN are refused, not ranked", arguments: Way.allCases)
    func overflow(way: Way) throws {
        let large = Float(3e38)
        let source = MemoryVectors(dimension: 2, vectors: [large, large])
        let error = #expect(throws: ImpRAGError.self) { try way.search([large, -large], k: 1, in: source) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a deadline that has passed stops the search", arguments: Way.allCases)
    func deadline(way: Way) throws {
        let source = MemoryVectors(dimension: 1, vectors: [1])
        let error = #expect(throws: ImpRAGError.self) {
            try way.search([1], k: 1, in: source, deadline: .after(milliseconds: -1))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("a pause that throws stops the search, with its error")
    func pauseStops() throws {
        let source = MemoryVectors(dimension: 1, vectors: [Float](repeating: 1, count: 5000))
        let error = #expect(throws: ImpRAGError.self) {
            try ExactSearch(source: source).search([1], k: 1, allowed: source.live, deadline: .never) {
                () throws(ImpRAGError) in throw ImpRAGError(.cancelled, "enough")
            }
        }
        #expect(error?.code == .cancelled)
    }
}

/// Vectors that must not be read.
private struct UnreadVectors: VectorSource {
    let dimension: Int
    let rowLimit: Int

    init(like source: some VectorSource) {
        (dimension, rowLimit) = (source.dimension, source.rowLimit)
    }

    func scanVectors(
        from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
    ) throws(ImpRAGError) {
        throw ImpRAGError(.internal, "vectors in memory were read")
    }

    func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError) {
        throw ImpRAGError(.internal, "vectors in memory were read")
    }
}
