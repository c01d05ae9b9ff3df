import Core
import TestSupport
import Testing

@testable import VectorIndex

/// What share of the exact best a search finds, with queries that calibration never saw.
@Suite struct IndexRecallTests {
    /// `count` random rows of `live`, of which about one is in the set for each of `1 / share`.
    private static func rows(of live: RowSet, share: Double, seed: UInt64) -> RowSet {
        var random = SeededGenerator(seed: seed)
        var all: [Int] = []
        live.forEach { all.append($0) }
        var chosen = RowSet()
        for row in all.shuffled(using: &random).prefix(max(1, Int(Double(all.count) * share))) { chosen.insert(row) }
        return chosen
    }

    private static func check(_ clustered: ClusteredIndex) throws {
        let (built, queries) = (clustered.built, clustered.queries)
        #expect(built.calibration.queries > 350)
        #expect(built.calibration.entries.map(\.target) == Calibration.targets)
        for (target, least) in [(0.95, 0.93), (0.99, 0.975)] {
            let entry = try #require(built.calibration.entry(for: target))
            #expect(entry.measured >= target)
            let recall = try built.recall(queries, plan: entry.plan)
            #expect(recall >= least, "\(recall) with \(entry)")
        }
        let wide = try built.recall(queries, plan: built.widePlan)
        #expect(wide >= 0.995, "\(wide)")
    }

    @Test(
        "a calibrated plan keeps its promise for queries it never saw, at every shape of code", .timeLimit(.minutes(5)),
        arguments: [(8, 5000), (96, 4000), (200, 3000), (384, 2500), (768, 2000)])
    func calibrated(dimension: Int, rows: Int) throws {
        try Self.check(ClusteredIndex(rows: rows, dimension: dimension))
    }

    @Test("so it does with codes of every size", arguments: CodeSize.allCases, [(40, 3000), (192, 3000)])
    func codeSizes(codes: CodeSize, shape: (dimension: Int, rows: Int)) throws {
        try Self.check(ClusteredIndex(rows: shape.rows, dimension: shape.dimension, codes: codes))
    }

    @Test("a calibrated plan keeps its promise among 20,000 vectors")
    func calibratedLarge() throws {
        try Self.check(ClusteredIndex.shared())
    }

    @Test("the plan that k = 10 was calibrated with does for 1 and for 100", arguments: [1, 100])
    func otherCounts(k: Int) throws {
        let clustered = try ClusteredIndex.shared()
        let plan = try #require(clustered.built.calibration.entry(for: 0.95)).plan
        #expect(try clustered.built.recall(clustered.queries, k: k, plan: plan) >= 0.92)
    }

    @Test("a higher target never asks for less", arguments: [10, 40])
    func moreIsMore(queries: Int) throws {
        let clustered = try ClusteredIndex.shared()
        let entries = clustered.built.calibration.entries
        for (lower, higher) in zip(entries, entries.dropFirst()) { #expect(lower.measured <= higher.measured + 1e-9) }
        #expect(clustered.built.calibration.entry(for: 0.5)?.target == 0.8)
        #expect(clustered.built.calibration.entry(for: 0.97)?.target == 0.98)
        #expect(clustered.built.calibration.entry(for: 1)?.target == 0.999)
    }

    @Test(
        "filters of every selectivity keep recall, and nothing but matches is found",
        arguments: [0.5, 0.1, 0.01, 0.001, 0.0001])
    func filtered(share: Double) throws {
        let clustered = try ClusteredIndex.shared()
        let plan = try #require(clustered.built.calibration.entry(for: 0.95)).plan
        let matches = Self.rows(of: clustered.built.snapshot.live, share: share, seed: 11)
        let truth = try clustered.built.exact(clustered.queries, matches: matches)
        let found = try clustered.built.search(clustered.queries, plan: plan, matches: matches)
        #expect(BuiltIndex.recall(found, of: truth) >= 0.95)
        for hits in found {
            #expect(hits.allSatisfy { matches.contains($0.row) })
            #expect(hits.count == min(10, matches.count))
        }
    }

    @Test(
        "filters that go with the vectors keep recall: only those on one side of the space match",
        arguments: [0.5, 0.3, 0.1])
    func correlatedFilters(share: Double) throws {
        let clustered = try ClusteredIndex.shared()
        let (built, dimension) = (clustered.built, 64)
        let first = (0..<20_000).map { BFloat16(bits: built.source.bits[$0 * dimension]).float }
        var matches = RowSet()
        for row in (0..<20_000).sorted(by: { first[$0] > first[$1] }).prefix(Int(20_000 * share)) {
            matches.insert(row)
        }
        let plan = try #require(built.calibration.entry(for: 0.95)).plan
        let recall = try built.recall(clustered.queries, plan: plan, matches: matches)
        #expect(recall >= 0.93, "\(recall)")
    }

    @Test("dead rows never come back, and the living are found as before")
    func deadRows() throws {
        var built = try ClusteredIndex.shared().built
        let queries = try ClusteredIndex.shared().queries
        built.snapshot.live = Self.rows(of: built.snapshot.live, share: 0.7, seed: 12)
        for plan in [try #require(built.calibration.entry(for: 0.95)).plan, built.widePlan] {
            let found = try built.search(queries, plan: plan)
            #expect(found.allSatisfy { $0.allSatisfy { built.snapshot.live.contains($0.row) } })
            #expect(BuiltIndex.recall(found, of: try built.exact(queries)) >= 0.93)
        }
    }

    @Test("rows that no list holds yet are found beside the others")
    func flatBesideLists() throws {
        var clusters = Clusters(dimension: 24, count: 40, seed: 13)
        let source = MemoryVectors(dimension: 24, vectors: clusters.next(4000))
        let queries = clusters.next(200)
        // Its lists hold the first 3000 rows.
        let (all, calibration) = try {
            let built = try BuiltIndex(source)
            return (built, built.calibration)
        }()
        var kept = ListIndex(all.index.model)
        for list in all.index.lists.indices {
            kept.replace(
                list,
                with: PendingList(all.index.lists[list]) { $0 < 3000 }.chunks(all.index.model.codeSize))
        }
        var flat = FlatRows(dimension: 24)
        flat.append(rows: Array(3000..<4000), vectors: source.bits[(3000 * 24)...].map { BFloat16(bits: $0) })
        #expect(kept.count == 3000)
        let snapshot = IndexSnapshot(coded: kept, flat: flat, live: source.live)
        let plan = try #require(calibration.entry(for: 0.95)).plan
        let found = try IndexSearcher().search(
            queries, k: 10, plan: plan, in: snapshot, source: source, deadline: .never
        ).map(\.hits)
        #expect(found.allSatisfy { Set($0.map(\.row)).count == 10 })
        #expect(BuiltIndex.recall(found, of: try all.exact(queries)) >= 0.93)
    }

    @Test("with every vector there five times, all copies are found")
    func duplicates() throws {
        var clusters = Clusters(dimension: 40, count: 20, seed: 14)
        let once = clusters.next(600)
        let built = try BuiltIndex(MemoryVectors(dimension: 40, vectors: (0..<5).flatMap { _ in once }))
        let queries = clusters.next(200)
        for (plan, least) in [(try #require(built.calibration.entry(for: 0.95)).plan, 0.93), (built.widePlan, 0.995)] {
            #expect(try built.recall(queries, plan: plan) >= least)
        }
    }
}
