import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

/// What a search of lists promises besides recall.
@Suite struct IndexSearcherTests {
    private static func isSorted(_ hits: [Hit]) -> Bool {
        zip(hits, hits.dropFirst()).allSatisfy { ($1.score, $0.row) < ($0.score, $1.row) }
    }

    @Test("scores have the bits of the exact search, hits are sorted, ties by row")
    func exactScores() throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let found = try clustered.built.search(clustered.queries, k: 30, plan: SearchPlan(probes: 8, margin: 1))
        let all = try clustered.built.exact(clustered.queries, k: 2500)
        for (hits, truth) in zip(found, all) {
            #expect(hits.count == 30 && Self.isSorted(hits))
            #expect(Set(hits).isSubset(of: truth))
        }
    }

    @Test("a query's hits do not depend on what else is in the call, nor on who else searches")
    func batchEqualsSingle() throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let (built, dimension) = (clustered.built, 32)
        let plan = SearchPlan(probes: 6, margin: 1)
        let batch = try built.search(clustered.queries, plan: plan)
        let searcher = IndexSearcher()
        let queries = clustered.queries
        let alone = WorkerPool(threadCount: 4).map(ClusteredIndex.queryCount) { index in
            let query = Array(queries[(index * dimension)..<((index + 1) * dimension)])
            return try? searcher.search(
                query, k: 10, plan: plan, in: built.snapshot, source: built.source, deadline: .never)[0].hits
        }
        #expect(alone == batch.map { $0 })
    }

    @Test("k beyond the number of rows gives every row, whatever the plan", arguments: [1, 3, 64])
    func allRows(probes: Int) throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let query = Array(clustered.queries[..<32])
        for k in [2500, 2501, 1_000_000] {
            let hits = try clustered.built.search(query, k: k, plan: SearchPlan(probes: probes, margin: 0))[0]
            #expect(hits == (try clustered.built.exact(query, k: k)[0]))
            #expect(hits.count == 2500)
        }
    }

    @Test("k of 1 and k of 0")
    func fewest() throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let recall = try clustered.built.recall(clustered.queries, k: 1, plan: clustered.built.widePlan)
        #expect(recall >= 0.995, "\(recall)")
        let none = try clustered.built.search(clustered.queries, k: 0, plan: clustered.built.widePlan)
        #expect(none == [[Hit]](repeating: [], count: ClusteredIndex.queryCount))
        #expect(try clustered.built.search([], plan: clustered.built.widePlan) == [])
    }

    @Test("filters that match nothing, one row, and rows of lists that the plan leaves out")
    func narrowFilters() throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let plan = SearchPlan(probes: 1, margin: 0)
        #expect(
            try clustered.built.search(clustered.queries, plan: plan, matches: RowSet())
                == [[Hit]](repeating: [], count: ClusteredIndex.queryCount))
        var one = RowSet()
        one.insert(1234)
        let found = try clustered.built.search(clustered.queries, plan: plan, matches: one)
        #expect(found == (try clustered.built.exact(clustered.queries, matches: one)))
        #expect(found.allSatisfy { $0.map(\.row) == [1234] })
        // Above the number that is scored exactly, below the share from which on lists are chosen.
        let large = try ClusteredIndex.shared()
        var many = RowSet()
        for row in 0..<20_000 where row % 8 == 0 { many.insert(row) }
        let recall = try large.built.recall(large.queries, plan: SearchPlan(probes: 1, margin: 4), matches: many)
        #expect(recall >= 0.98, "\(recall)")
    }

    @Test("numbers that are not finite, wrong sizes and a negative k are refused")
    func refusals() throws {
        let built = try ClusteredIndex.sharedSmall().built
        var queries: [[Float]] = [[1], [Float](repeating: 0, count: 33)]
        for number: Float in [.nan, .infinity, -.infinity] {
            var query = [Float](repeating: 1, count: 64)
            query[40] = number
            queries.append(query)
        }
        for query in queries {
            let error = #expect(throws: ImpRAGError.self) { try built.search(query, plan: built.widePlan) }
            #expect(error?.code == .invalidArgument)
        }
        let error = #expect(throws: ImpRAGError.self) {
            try built.search([Float](repeating: 1, count: 32), k: -1, plan: built.widePlan)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test(
        "a query so long that estimates overflow is refused; one that is merely long is ranked",
        arguments: [(Float(1e15), true), (1e25, false), (3e38, false)])
    func longQueries(size: Float, isRanked: Bool) throws {
        let clustered = try ClusteredIndex.sharedSmall()
        for scaled in [clustered.queries[..<32].map { $0 / 10 * size }, [Float](repeating: size, count: 32)] {
            if isRanked {
                #expect(try clustered.built.recall(Array(scaled), plan: clustered.built.widePlan) >= 0.9)
            } else {
                let error = #expect(throws: ImpRAGError.self) {
                    try clustered.built.search(Array(scaled), plan: clustered.built.widePlan)
                }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test(
        "a query of zeros or of the smallest numbers finds k rows",
        arguments: [0, Float.leastNonzeroMagnitude, 1e-38, 1e-30])
    func shortQueries(size: Float) throws {
        let built = try ClusteredIndex.sharedSmall().built
        let query = (0..<32).map { $0 % 2 == 0 ? size : -size }
        let hits = try built.search(query, plan: built.widePlan)[0]
        #expect(hits.count == 10 && Self.isSorted(hits))
        if size == 0 { #expect(hits.allSatisfy { $0.score == 0 }) }
    }

    @Test("a deadline that has passed stops the search")
    func deadline() throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let error = #expect(throws: ImpRAGError.self) {
            try IndexSearcher().search(
                clustered.queries, k: 10, plan: clustered.built.widePlan, in: clustered.built.snapshot,
                source: clustered.built.source, deadline: .after(milliseconds: -1))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("what a search took is told: codes looked at, vectors rescored; candidates are a limit")
    func figures() throws {
        let clustered = try ClusteredIndex.sharedSmall()
        let built = clustered.built
        func outcome(_ plan: SearchPlan) throws -> IndexSnapshot.Outcome {
            try IndexSearcher().search(
                Array(clustered.queries[..<32]), k: 10, plan: plan, in: built.snapshot, source: built.source,
                deadline: .never)[0]
        }
        #expect(try outcome(built.widePlan).scanned == 2500)
        #expect(try outcome(SearchPlan(probes: 4, margin: 1)).scanned < 1000)
        #expect(try outcome(SearchPlan(probes: 64, margin: 3, candidates: 12)).rescored <= 12)
        #expect(try outcome(built.widePlan).rescored >= 10)
    }

    @Test("a searcher serves indexes of other sizes one after the other")
    func otherIndexes() throws {
        let searcher = IndexSearcher()
        let (small, large) = (try ClusteredIndex.sharedSmall(), try ClusteredIndex.shared())
        for _ in 0..<2 {
            for clustered in [small, large] {
                let (built, dimension) = (clustered.built, clustered.built.source.dimension)
                let query = Array(clustered.queries[..<dimension])
                let hits = try searcher.search(
                    query, k: 10, plan: built.widePlan, in: built.snapshot, source: built.source, deadline: .never)
                #expect(hits[0].hits == (try built.search(query, plan: built.widePlan)[0]))
            }
        }
    }
}
