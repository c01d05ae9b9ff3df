import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

/// Vectors that no embedding model should make, but some corpus will.
@Suite struct OddVectorsTests {
    private static func check(_ built: BuiltIndex, _ query: [Float], k: Int = 10) throws {
        let hits = try built.search(query, k: k, plan: built.widePlan)[0]
        #expect(hits == (try built.exact(query, k: k)[0]))
    }

    @Test("few rows", arguments: [1, 2, 3, 15, 16, 17, 33, 100])
    func fewRows(count: Int) throws {
        var clusters = Clusters(dimension: 8, count: 3, seed: 21)
        let built = try BuiltIndex(MemoryVectors(dimension: 8, vectors: clusters.next(count)))
        for _ in 0..<10 {
            let query = clusters.next(1)
            try Self.check(built, query, k: 1)
            try Self.check(built, query, k: count + 5)
        }
        #expect(built.calibration.entries.isEmpty == (count <= Calibration.k))
    }

    @Test("vectors of one number, and of three", arguments: [1, 3])
    func fewNumbers(dimension: Int) throws {
        var clusters = Clusters(dimension: dimension, count: 30, seed: 22)
        let built = try BuiltIndex(MemoryVectors(dimension: dimension, vectors: clusters.next(1500)))
        #expect(try built.recall(clusters.next(100), plan: built.widePlan) >= 0.99)
    }

    @Test("all vectors equal: the lowest rows are found", arguments: [Float(0), 1, -3.5])
    func equalVectors(number: Float) throws {
        let built = try BuiltIndex(
            MemoryVectors(dimension: 16, vectors: [Float](repeating: number, count: 16 * 2000)))
        let query = [Float](repeating: 0.5, count: 16)
        try Self.check(built, query)
        try Self.check(built, query.map { -$0 }, k: 3)
        try Self.check(built, query, k: 5000)
        for entry in built.calibration.entries { #expect(entry.measured > 0.99) }
    }

    @Test("zero vectors among others are found where nothing is better")
    func zeroVectors() throws {
        var clusters = Clusters(dimension: 16, count: 10, seed: 23)
        var vectors = clusters.next(1500)
        for row in 0..<1500 where row % 3 == 0 { for column in 0..<16 { vectors[row * 16 + column] = 0 } }
        let built = try BuiltIndex(MemoryVectors(dimension: 16, vectors: vectors))
        #expect(try built.recall(clusters.next(100), plan: built.widePlan) >= 0.99)
        // All others are on the query's far side.
        var one = RowSet()
        for row in 0..<1500 where row % 3 == 0 || row % 50 == 1 { one.insert(row) }
        let queries = clusters.next(20)
        let scores = try built.search(queries, k: 1, plan: built.widePlan, matches: one)
        #expect(scores.allSatisfy { ($0.first?.score ?? -1) >= 0 })
    }

    @Test("one vector a thousand times as long as the others does not spoil the others")
    func outlier() throws {
        var clusters = Clusters(dimension: 32, count: 20, seed: 24)
        var vectors = clusters.next(3000)
        for column in 0..<32 { vectors[777 * 32 + column] *= 1000 }
        let built = try BuiltIndex(MemoryVectors(dimension: 32, vectors: vectors))
        let plan = try #require(built.calibration.entry(for: 0.95)).plan
        let queries = clusters.next(200)
        #expect(try built.recall(queries, plan: plan) >= 0.9)
        #expect(try built.recall(queries, plan: built.widePlan) >= 0.99)
    }

    @Test("vectors far away from what was learnt are coded without a trap, and found by a wide plan")
    func farAway() throws {
        let built = try ClusteredIndex.sharedSmall().built
        let encoder = VectorEncoder(built.index.model)
        let pool = WorkerPool(threadCount: 1)
        for size: Float in [1e3, 1e20, 3e38] {
            let vectors = (0..<64).map { $0 % 3 == 0 ? size : -size }
            let encoded = encoder.encode(vectors, pool: pool)
            #expect(encoded.lists.count == 2 && encoded.scales.count == 2)
            #expect(encoded.codes.count == 2 * built.index.model.codeSize.rawValue)
            #expect(encoded.lists.allSatisfy { (0..<built.index.lists.count).contains(Int($0)) })
        }
    }

    @Test("vectors so long that float32 cannot learn from them are refused")
    func tooLong() throws {
        for size: Float in [1e30, 3e38] {
            var random = SeededGenerator(seed: 25)
            let vectors = (0..<200 * 8).map { _ in size * Float.random(in: -1...1, using: &random) }
            let error = #expect(throws: ImpRAGError.self) {
                try BuiltIndex(MemoryVectors(dimension: 8, vectors: vectors), calibrated: false)
            }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("a row that was stored before vectors had a limit is passed over and named, and does not end the search")
    func rowBeyondLimit() throws {
        var vectors = [Float](repeating: 1, count: 8 * 20)
        for column in 0..<8 { vectors[5 * 8 + column] = 3e38 }
        vectors[7 * 8] = .nan
        let source = MemoryVectors(dimension: 8, vectors: vectors)
        let query = [Float](repeating: 3, count: 8)
        let exact = try ExactSearch(source: source).searchInDetail(
            query, k: 20, allowed: source.live, deadline: .never)[0]
        let snapshot = IndexSnapshot(coded: nil, flat: source.flat, live: source.live)
        let flat = try IndexSearcher().search(
            query, k: 20, plan: SearchPlan(probes: 1, margin: 0), in: snapshot, source: source, deadline: .never)[0]
        for outcome in [exact, flat] {
            #expect(outcome.hits.count == 18 && outcome.unscored == [5, 7])
            #expect(outcome.hits.allSatisfy { $0.score == 24 })
        }
        let error = #expect(throws: ImpRAGError.self) {
            try ExactSearch(source: source).search(
                [Float](repeating: 1e16, count: 8), k: 1, allowed: source.live, deadline: .never)
        }
        #expect(error?.code == .invalidArgument && error?.message.contains("2^50") == true)
    }

    @Test("no vectors are no index")
    func none() throws {
        var source = MemoryVectors(dimension: 4, vectors: [1, 2, 3, 4])
        source.gone = [0]
        let gone = source
        let error = #expect(throws: ImpRAGError.self) { try BuiltIndex(gone) }
        #expect(error?.code == .failedPrecondition)
    }

    @Test("rows that are gone are neither learnt from nor coded")
    func goneRows() throws {
        var clusters = Clusters(dimension: 16, count: 10, seed: 26)
        var source = MemoryVectors(dimension: 16, vectors: clusters.next(2000))
        source.gone = Set((0..<2000).filter { $0 % 2 == 0 || $0 > 1500 })
        let built = try BuiltIndex(source)
        #expect(built.index.count == 750)
        let found = try built.search(clusters.next(50), plan: built.widePlan)
        #expect(found.allSatisfy { $0.allSatisfy { $0.row % 2 == 1 && $0.row <= 1500 } })
    }
}
