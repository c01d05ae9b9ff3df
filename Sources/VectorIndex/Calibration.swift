public import Core
public import Kernels

/// Which plan reaches which recall, as measured at build time with vectors of the partition itself as queries.
public struct Calibration: Hashable, Sendable, Codable {
    public struct Entry: Hashable, Sendable, Codable {
        /// Recall@10 that was aimed at.
        public var target: Double
        /// Recall@10 that the plan had in the calibration run.
        public var measured: Double
        public var plan: SearchPlan

        public init(target: Double, measured: Double, plan: SearchPlan) {
            self.target = target
            self.measured = measured
            self.plan = plan
        }
    }

    /// By ascending target.
    public var entries: [Entry]
    /// Vectors that were used as queries.
    public var queries: Int

    public init(entries: [Entry], queries: Int) {
        self.entries = entries
        self.queries = queries
    }

    public static let targets = [0.8, 0.9, 0.95, 0.98, 0.985, 0.99, 0.995, 0.999]
    public static let k = 10

    /// The plan for a target recall: that of the lowest calibrated target that is not below it.
    public func entry(for recall: Double) -> Entry? {
        entries.first { $0.target >= recall - 1e-9 } ?? entries.last
    }
}

/// Measures recall and cost of plans, and picks the cheapest for each target.
public struct Calibrator: Sendable {
    private let snapshot: IndexSnapshot
    private let source: any VectorSource
    private let pool: WorkerPool

    /// Vectors used as queries. Recall is then known to about ±0.003 at 0.95.
    public static let queryCount = 400
    private static let margins: [Float] = [0, 0.3, 0.6, 0.9, 1.2, 1.6, 2, 2.5, 3, 4]

    public init(snapshot: IndexSnapshot, source: any VectorSource, pool: WorkerPool) {
        self.snapshot = snapshot
        self.source = source
        self.pool = pool
    }

    /// The rows that serve as queries of a partition with `end` rows; the same ones every time, ascending.
    static func queryRows(below end: Int) -> [Int] {
        IndexTrainer.sample(below: end, limit: queryCount, seed: 2).sorted()
    }

    /// - Parameter tick: called now and then with the share that is done; throws to stop.
    public func run(tick: (Double) throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Calibration {
        guard let coded = snapshot.coded, coded.count > Calibration.k else {
            return Calibration(entries: [], queries: 0)
        }
        try tick(0)
        let rows = Self.queryRows(below: source.rowLimit)
        var queryRows: [Int] = []
        var queries = [Float](repeating: 0, count: rows.count * source.dimension)
        try source.withVectors(rows: rows) { place, vector in
            guard snapshot.live.contains(rows[place]) else { return }
            widen(vector, into: &queries, at: queryRows.count * source.dimension)
            queryRows.append(rows[place])
        }
        queries.removeLast(queries.count - queryRows.count * source.dimension)
        // A query's own row would be too easy to find: one more hit is asked for, and itself left out.
        let k = Calibration.k
        let truth = zip(
            queryRows,
            try ExactSearch(source: source, pool: pool).search(
                queries, k: k + 1, allowed: snapshot.live, deadline: .never)
        ).map { own, hits in Set(hits.map(\.row).filter { $0 != own }.prefix(k)) }
        try tick(0.4)
        var measurements: [Measurement] = []
        let grid = probeGrid(coded.lists.count)
        for (step, probes) in grid.enumerated() {
            try tick(0.4 + 0.6 * Double(step) / Double(grid.count))
            for margin in Self.margins {
                let plan = SearchPlan(probes: probes, margin: margin)
                let measured = try measure(plan, queryRows, queries, truth)
                measurements.append(measured)
                // A wider margin finds nothing more.
                if let before = measurements.dropLast().last, before.plan.probes == probes, margin >= 2,
                    measured.recall <= before.recall
                {
                    break
                }
            }
            if let last = measurements.last, last.recall >= 0.9995 { break }
        }
        try tick(1)
        let best = measurements.max { ($0.recall, $1.seconds) < ($1.recall, $0.seconds) }
        let entries = Calibration.targets.compactMap { target -> Calibration.Entry? in
            let enough = measurements.filter { $0.recall >= target }
            guard let cheapest = enough.min(by: { $0.seconds < $1.seconds }) ?? best else { return nil }
            return Calibration.Entry(target: target, measured: cheapest.recall, plan: cheapest.plan)
        }
        return Calibration(entries: entries, queries: queryRows.count)
    }

    private struct Measurement {
        let plan: SearchPlan
        let recall: Double
        let seconds: Double
    }

    private func probeGrid(_ lists: Int) -> [Int] {
        var grid: [Int] = []
        var probes = 4.0
        while Int(probes) < lists {
            grid.append(Int(probes))
            probes *= 1.35
        }
        return grid + [lists]
    }

    /// Cost is counted, not timed, so that the same index gives the same calibration.
    private func measure(
        _ plan: SearchPlan, _ rows: [Int], _ queries: [Float], _ truth: [Set<Int>]
    ) throws(ImpRAGError) -> Measurement {
        let dimension = source.dimension
        let searcher = IndexSearcher()
        let results = pool.map(rows.count) { index -> Result<IndexSnapshot.Outcome, ImpRAGError> in
            do throws(ImpRAGError) {
                let query = Array(queries[(index * dimension)..<((index + 1) * dimension)])
                // Without the query's own row instead of one hit more: that would scan and rescore more than a search for
                // ten does, and promise too much.
                var others = snapshot
                others.live.remove(rows[index])
                return .success(
                    try searcher.search(
                        query, k: Calibration.k, plan: plan, in: others, source: source, deadline: .never)[0])
            } catch {
                return .failure(error)
            }
        }
        var (found, wanted, seconds) = (0, 0, 0.0)
        for (index, result) in results.enumerated() {
            let outcome = try result.get()
            found += truth[index].intersection(outcome.hits.map(\.row)).count
            wanted += truth[index].count
            seconds += Double(outcome.scanned) * Self.secondsPerCode + Double(outcome.rescored) * Self.secondsPerVector
        }
        return Measurement(plan: plan, recall: Double(found) / Double(max(1, wanted)), seconds: seconds)
    }

    /// What a code and a rescored vector cost, as measured on an AVX-512 machine at 1024 numbers; only the ratio matters.
    private static let secondsPerCode = 1.5e-9
    private static let secondsPerVector = 2.5e-6
}
