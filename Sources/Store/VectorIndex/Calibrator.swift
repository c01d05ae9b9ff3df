public import Core
public import Kernels

/// Measures recall and cost of plans with sample queries, and picks the cheapest for each target.
///
/// One scan with a wide margin also tells what each narrower margin would have rescored, so a calibration takes one
/// scan per number of probes, not one per plan.
public struct Calibrator: Sendable {
    private let snapshot: IndexSnapshot
    private let source: any VectorSource
    private let pool: WorkerPool

    private static let margins: [Float] = [0, 0.3, 0.6, 0.9, 1.2, 1.6, 2, 2.5, 3, 4]
    /// Above every target: more probes than this takes are not tried.
    private static let enough = 0.9995

    public init(snapshot: IndexSnapshot, source: any VectorSource, pool: WorkerPool) {
        self.snapshot = snapshot
        self.source = source
        self.pool = pool
    }

    /// The rows of `live` whose vectors serve as queries, ascending. Deterministic.
    static func queryRows(_ live: RowSet) -> [Int] {
        IndexTrainer.sample(live, limit: SampleQueries.limit, seed: 2).sorted()
    }

    /// A query with its ground truth.
    private struct Query: Sendable {
        let vector: [Float]
        /// The row that the vector was taken from, which is no hit.
        let own: Int?
        let truth: Set<Int>
        /// The lowest exact score in `truth`.
        let least: Float
    }

    private struct Measurement {
        let plan: SearchPlan
        let recall: Double
        let seconds: Double
    }

    /// - Parameters:
    ///   - sample: queries, of which at most `SampleQueries.limit` are used; nil takes centred vectors of the
    ///     partition, which spread over more directions than passages do.
    ///   - pause: called often, by any thread of the pool, during the long steps; throws to stop.
    ///   - tick: called now and then with the share done so far; throws to stop.
    public func run(
        sample: SampleQueries? = nil, pause: @Sendable () throws(ImpRAGError) -> Void = {},
        tick: (Double) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> Calibration {
        let source = sample?.source ?? .passages
        guard let coded = snapshot.coded, coded.count > Calibration.k else {
            return Calibration(entries: [], queries: 0, source: source)
        }
        try tick(0)
        let queries = try self.queries(sample, coded.model, pause, tick)
        var measurements: [Measurement] = []
        let grid = Self.probeGrid(coded.lists.count)
        for (step, probes) in grid.enumerated() {
            try tick(0.5 + 0.5 * Double(step) / Double(grid.count))
            measurements += try measure(probes, queries, coded, pause)
            if let last = measurements.last, last.recall >= Self.enough { break }
        }
        let best = measurements.max { ($0.recall, $1.seconds) < ($1.recall, $0.seconds) }
        let entries = Calibration.targets.compactMap { target -> Calibration.Entry? in
            let enough = measurements.filter { $0.recall >= target }
            guard let cheapest = enough.min(by: { $0.seconds < $1.seconds }) ?? best else { return nil }
            return Calibration.Entry(target: target, measured: cheapest.recall, plan: cheapest.plan)
        }
        try tick(1)
        return Calibration(entries: entries, queries: queries.count, source: source)
    }

    /// Vectors of the partition as queries, with the rows they were taken from.
    private func passages(_ model: IndexModel) throws(ImpRAGError) -> (vectors: [Float], rows: [Int?]) {
        let dimension = source.dimension
        let sampled = Self.queryRows(snapshot.live)
        var rows: [Int?] = []
        var vectors = [Float](repeating: 0, count: sampled.count * dimension)
        try source.withVectors(rows: sampled) { place, vector in
            widen(vector, into: &vectors, at: rows.count * dimension)
            rows.append(sampled[place])
        }
        vectors.removeLast(vectors.count - rows.count * dimension)
        for place in vectors.indices { vectors[place] -= model.mean[place % dimension] }
        return (vectors, rows)
    }

    private func queries(
        _ sample: SampleQueries?, _ model: IndexModel, _ pause: @Sendable () throws(ImpRAGError) -> Void,
        _ tick: (Double) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [Query] {
        let dimension = source.dimension
        let vectors: [Float]
        let owners: [Int?]
        if let sample {
            let count = min(sample.vectors.count / dimension, SampleQueries.limit)
            vectors = Array(sample.vectors.prefix(count * dimension))
            owners = [Int?](repeating: nil, count: count)
        } else {
            (vectors, owners) = try passages(model)
        }
        try tick(0.1)
        // A vector's own row is too easy to find: search for one hit more, and drop it.
        let found = try ExactSearch(source: source, pool: pool).search(
            vectors, k: Calibration.k + 1, allowed: snapshot.live, deadline: .never, pause: pause)
        try tick(0.5)
        return found.enumerated().map { place, hits in
            let others = hits.filter { $0.row != owners[place] }.prefix(Calibration.k)
            return Query(
                vector: Array(vectors[(place * dimension)..<((place + 1) * dimension)]), own: owners[place],
                truth: Set(others.map(\.row)), least: others.last?.score ?? 0)
        }
    }

    private static func probeGrid(_ lists: Int) -> [Int] {
        var grid: [Int] = []
        var probes = 4.0
        while Int(probes) < lists {
            grid.append(Int(probes))
            probes *= 1.3
        }
        return grid + [lists]
    }

    /// What one query's scan gave.
    private struct Scan: Sendable {
        /// For each margin: how many rows of the truth it would find, and how many vectors it would rescore.
        var found: [Int] = []
        var rescored: [Int] = []
        var scanned = 0
    }

    /// All margins at one number of probes. Costs are counted, not timed, so that the same index always gets the same
    /// calibration.
    private func measure(
        _ probes: Int, _ queries: [Query], _ coded: ListIndex,
        _ pause: @Sendable () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [Measurement] {
        let searcher = IndexSearcher()
        let plan = SearchPlan(probes: probes, margin: Self.margins[Self.margins.count - 1])
        let scans = try pool.map(queries.count) { index throws(ImpRAGError) in
            let query = queries[index]
            try pause()
            let candidates = try searcher.candidates(
                for: query.vector, k: Calibration.k + 1, plan: plan, in: snapshot, coded: coded)
            return Self.evaluate(candidates, query)
        }
        let wanted = queries.reduce(0) { $0 + $1.truth.count }
        return Self.margins.indices.map { margin in
            let found = scans.reduce(0) { $0 + $1.found[margin] }
            let rescored = scans.reduce(0) { $0 + $1.rescored[margin] }
            let scanned = scans.reduce(0) { $0 + $1.scanned }
            return Measurement(
                plan: SearchPlan(probes: probes, margin: Self.margins[margin]),
                recall: Double(found) / Double(max(1, wanted)),
                seconds: Double(probes) * Self.secondsPerList + Double(scanned) / Double(queries.count)
                    * Self.secondsPerCode
                    + Double(rescored) / Double(queries.count) * Self.secondsPerVector)
        }
    }

    private static func evaluate(_ candidates: IndexSnapshot.Candidates, _ query: Query) -> Scan {
        var kept: [(row: Int, estimate: Float, first: Float)] = []
        for place in candidates.rows.indices where Int(candidates.rows[place]) != query.own {
            kept.append((Int(candidates.rows[place]), candidates.estimates[place], candidates.firsts[place]))
        }
        kept.sort { $0.estimate > $1.estimate }
        let last = kept.isEmpty ? 0 : kept[min(Calibration.k, kept.count) - 1].estimate
        var scan = Scan(scanned: candidates.scanned)
        for margin in margins {
            let band = margin * candidates.deviation
            let firstBand = margin * candidates.firstDeviation
            // Only what lies within the bands is a candidate, and of those, rescoring stops at the k-th best.
            let chosen = kept.prefix { $0.estimate >= last - band }.filter { $0.first >= last - firstBand }
            scan.found.append(chosen.filter { query.truth.contains($0.row) }.count)
            scan.rescored.append(max(Calibration.k, chosen.filter { $0.estimate + band >= query.least }.count))
        }
        return scan
    }

    /// Costs of scanning a list, of a code and of rescoring a vector, measured on an AVX-512 machine at dimension 1024.
    /// Only their ratios matter.
    private static let secondsPerList = 1e-7
    private static let secondsPerCode = 6e-9
    private static let secondsPerVector = 3e-6
}
