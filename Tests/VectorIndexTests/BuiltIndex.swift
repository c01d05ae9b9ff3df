import Core
import Kernels

@testable import VectorIndex

/// A source with its index, trained, coded and calibrated as a shard does it.
struct BuiltIndex: Sendable {
    let source: MemoryVectors
    let index: ListIndex
    let calibration: Calibration
    var snapshot: IndexSnapshot

    init(_ source: MemoryVectors, calibrated: Bool = true, codes: CodeSize? = nil) throws {
        let pool = WorkerPool(threadCount: 2)
        let model = try IndexTrainer(source: source, pool: pool, codeSize: codes).train(source.live) { _ in }
        self.source = source
        index = try ListIndexBuilder(source: source, pool: pool).build(model, until: source.rowLimit) { _ in }.index
        snapshot = IndexSnapshot(coded: index, flat: FlatRows(dimension: source.dimension), live: source.live)
        calibration =
            calibrated
            ? try Calibrator(snapshot: snapshot, source: source, pool: pool).run { _ in }
            : Calibration(entries: [], queries: 0, source: .passages)
    }

    /// Every list, and whatever could be among the best.
    var widePlan: SearchPlan { SearchPlan(probes: index.lists.count, margin: 5) }

    func search(
        _ queries: [Float], k: Int = 10, plan: SearchPlan, matches: RowSet? = nil
    ) throws(ImpRAGError) -> [[Hit]] {
        try IndexSearcher().search(
            queries, k: k, plan: plan, in: snapshot, source: source, matches: matches, deadline: .never
        ).map(\.hits)
    }

    func exact(_ queries: [Float], k: Int = 10, matches: RowSet? = nil) throws(ImpRAGError) -> [[Hit]] {
        try ExactSearch(source: source, pool: WorkerPool(threadCount: 2)).search(
            queries, k: k, allowed: matches ?? snapshot.live, deadline: .never)
    }

    /// The share of the exact best `k` that a plan finds.
    func recall(_ queries: [Float], k: Int = 10, plan: SearchPlan, matches: RowSet? = nil) throws -> Double {
        let truth = try exact(queries, k: k, matches: matches)
        let found = try search(queries, k: k, plan: plan, matches: matches)
        return Self.recall(found, of: truth)
    }

    static func recall(_ found: [[Hit]], of truth: [[Hit]]) -> Double {
        let shared = zip(found, truth).reduce(0) { $0 + Set($1.0.map(\.row)).intersection($1.1.map(\.row)).count }
        return Double(shared) / Double(max(1, truth.reduce(0) { $0 + $1.count }))
    }
}
