public import Core
internal import Kernels

/// A partition's index at one moment, with all that a search needs. Immutable: writers make a new one.
public struct IndexSnapshot: Sendable {
    /// Nil for a small partition, whose vectors are all in `flat`.
    public var coded: ListIndex?
    /// Vectors that are in no list.
    public var flat: FlatRows
    /// Rows that may be found.
    public var live: RowSet
    /// Vectors of rows in lists, scored from here instead of from the source; nil where they are too many.
    public var kept: KeptVectors?

    public init(coded: ListIndex?, flat: FlatRows, live: RowSet, kept: KeptVectors? = nil) {
        self.coded = coded
        self.flat = flat
        self.live = live
        self.kept = kept
    }

    public var residentBytes: ByteCount {
        ByteCount(
            (coded?.residentBytes.bytes ?? 0) + flat.residentBytes.bytes + live.words.count * 8
                + (kept?.residentBytes.bytes ?? 0))
    }

    /// What one search found, and its cost.
    public struct Outcome: Sendable {
        /// Best first; at most k.
        public var hits: [Hit]
        /// Codes scanned.
        public var scanned = 0
        /// Vectors in lists that were scored exactly.
        public var rescored = 0
        /// Rows that were passed over because their score is not finite, the first few.
        public var unscored: [Int] = []

        public init(hits: [Hit], scanned: Int = 0, rescored: Int = 0, unscored: [Int] = []) {
            self.hits = hits
            self.scanned = scanned
            self.rescored = rescored
            self.unscored = unscored
        }

        fileprivate init(_ best: TopHits, scanned: Int = 0, rescored: Int = 0) {
            self.init(hits: best.sorted(), scanned: scanned, rescored: rescored, unscored: best.unscored)
        }
    }

    /// Up to so many matches, a filtered search scores all of them exactly.
    private static let exactMatches = 512
    /// When a filter matches a smaller share of the vectors, the search scans every list, matches only.
    private static let fewMatches = 0.2
    /// Lists scanned between two checks of the deadline.
    private static let listsAtOnce = 128
    /// Fewer lists are not worth a second thread.
    private static let listsWorthSharing = 16
    /// Lists added at a time when those of the plan hold too few hits.
    private static let listsBeyond = 4
    /// The most vectors that a search for k hits rescores when the plan sets no limit: a multiple of k, with a minimum.
    /// Where all estimates are equal, as for a query of zeros, the margin alone would admit every one.
    private static let rescoredPerHit = 20
    private static let rescoredAtLeast = 1000

    /// The best rows that are in no list, for each query of a group, by their exact scores.
    ///
    /// - Parameters:
    ///   - queries: `[count × dimension]`, within `VectorLimit`.
    ///   - matches: as `search`.
    ///   - scanners: one for each thread that shares the rows.
    func searchFlat(
        _ queries: [Float], count: Int, k: Int, matches: RowSet?, scanners: [FlatScanner], helpers: WorkerPool?
    ) -> [TopHits] {
        let allowed = matches ?? live
        let limit = min(k, allowed.count)
        guard limit > 0, flat.count > 0, !isScoredWhole(matches, k: k) else {
            return [TopHits](repeating: TopHits(limit: limit), count: count)
        }
        return flat.search(
            queries, count: count, limit: limit, allowed: allowed, scanners: scanners, helpers: helpers)
    }

    /// Whether `matches` are so few that each of them is read and scored, whichever list it is in.
    private func isScoredWhole(_ matches: RowSet?, k: Int) -> Bool {
        guard coded != nil, let matches else { return false }
        return matches.count <= max(Self.exactMatches, k)
    }

    /// The best `k` live rows for one query.
    ///
    /// - Parameters:
    ///   - query: `[dimension]`, finite.
    ///   - matches: nil, or the only rows that may be found, all of them live.
    ///   - source: where candidates' vectors are read from.
    ///   - best: what `searchFlat` found.
    ///   - helpers: threads that share the scan and the reads.
    /// - Throws: `invalidArgument` when scores overflow, `deadlineExceeded`, and what the source throws.
    func search(
        _ query: [Float], k: Int, plan: SearchPlan, matches: RowSet?, source: any VectorSource, best: TopHits,
        workspace: SearchWorkspace?, helpers: WorkerPool?, deadline: Deadline
    ) throws(ImpRAGError) -> Outcome {
        let allowed = matches ?? live
        let limit = min(k, allowed.count)
        guard limit > 0 else { return Outcome(hits: []) }
        try deadline.check("search")
        var best = best
        if let matches, isScoredWhole(matches, k: k) {
            var rows: [Int] = []
            matches.forEach { rows.append($0) }
            try rescore(rows, query, source, helpers, into: &best)
            return Outcome(best, rescored: rows.count)
        }
        guard let coded, coded.count > 0, let workspace else { return Outcome(best) }

        let prepared = try PreparedQuery(query, coded.model, workspace)
        try collect(
            prepared, coded, k: limit, probes: probes(plan, k: k, matches: matches, coded: coded), margin: plan.margin,
            matches: matches, floor: best.threshold, workspace: workspace, helpers: helpers, deadline: deadline)
        let rescored = try rescore(
            prepared, query, k: limit, plan: plan, workspace: workspace, source: source, helpers: helpers, best: &best,
            deadline: deadline)
        return Outcome(best, scanned: workspace.scanners[0].scanned, rescored: rescored)
    }

    /// What a scan finds before rescoring; for calibration.
    struct Candidates: Sendable {
        /// In no order.
        var rows: [UInt32]
        var estimates: [Float]
        var firsts: [Float]
        /// Standard deviations of the estimates' errors.
        var deviation: Float
        var firstDeviation: Float
        var scanned: Int
    }

    /// The candidates that a search with `plan` would rescore from.
    func candidates(
        for query: [Float], k: Int, plan: SearchPlan, coded: ListIndex, workspace: SearchWorkspace
    ) throws(ImpRAGError) -> Candidates {
        let prepared = try PreparedQuery(query, coded.model, workspace)
        try collect(
            prepared, coded, k: k, probes: min(plan.probes, coded.lists.count), margin: plan.margin, matches: nil,
            floor: -.infinity, workspace: workspace, helpers: nil, deadline: .never)
        let scanner = workspace.scanners[0]
        return Candidates(
            rows: Array(scanner.rows.prefix(scanner.found)), estimates: Array(scanner.estimates.prefix(scanner.found)),
            firsts: Array(scanner.firsts.prefix(scanner.found)), deviation: prepared.deviation,
            firstDeviation: prepared.firstDeviation, scanned: scanner.scanned)
    }

    /// Lists to scan. The plan was calibrated for k = 10 without a filter; more hits, and the best of few matches, are
    /// spread over more lists.
    private func probes(_ plan: SearchPlan, k: Int, matches: RowSet?, coded: ListIndex) -> Int {
        var probes = Double(plan.probes)
        if k > 10 { probes *= (Double(k) / 10).squareRoot() }
        if let matches {
            let share = Double(matches.count) / Double(max(1, live.count))
            if share < Self.fewMatches { return coded.lists.count }
            probes /= share
        }
        return min(coded.lists.count, Int(probes.rounded(.up)))
    }

    /// Scans lists, the most promising first, and leaves the candidates in the workspace's first scanner.
    ///
    /// - Parameter floor: a score below it cannot be among the best hits, whatever the scan finds.
    private func collect(
        _ prepared: PreparedQuery, _ coded: ListIndex, k: Int, probes: Int, margin: Float, matches: RowSet?,
        floor: Float, workspace: SearchWorkspace, helpers: WorkerPool?, deadline: Deadline
    ) throws(ImpRAGError) {
        let model = coded.model
        let table = coded.table ?? CodeTable(coded.lists)
        let scanners = workspace.scanners
        let shared = Shared(workspace: workspace)
        let limits = CodeScanner.Limits(
            k: k, floor: floor, band: margin * prepared.deviation, firstBand: margin * prepared.firstDeviation)
        for scanner in scanners { scanner.begin(limits) }
        let rows = matches ?? live
        // A filter that correlates with the vectors can leave the lists near the query without matches. So scan on
        // until as many matches were seen as the plan's lists would hold if the filter were independent of the vectors.
        let quota = matches.map { probes * $0.count / coded.lists.count } ?? 0
        var order = workspace.lists(probes, coded, spread: prepared.spread, helpers: helpers)
        var done = 0
        while done < order.count {
            let end = min(done + (done < probes ? Self.listsAtOnce : Self.listsBeyond), order.count)
            // Always split alike, so that the result does not depend on the number of helpers.
            let some = order[done..<end]
            let parts = some.count < Self.listsWorthSharing ? 1 : scanners.count
            @Sendable func scan(_ part: Int) {
                let lists = stride(from: some.startIndex + part, to: some.endIndex, by: parts).map { some[$0] }[...]
                var bases = shared.workspace.bases(lists, model)
                for place in bases.indices { bases[place] += prepared.base }
                shared.workspace.scanners[part].scan(
                    lists, bases: bases[...], in: table, live: rows, areFew: matches != nil)
            }
            if let helpers { helpers.run(parts, scan) } else { for part in 0..<parts { scan(part) } }
            done = end
            try deadline.check("search")
            guard done >= probes else { continue }
            // Probes decide quality, not quantity: k hits are found wherever there are k.
            let known = scanners.reduce(0) { $0 + $1.known }
            if known >= k, scanners.reduce(0, { $0 + $1.selected }) >= quota { break }
            if done == order.count, order.count < coded.lists.count {
                order = workspace.lists(coded.lists.count, coded, spread: prepared.spread, helpers: helpers)
            }
        }
        for other in scanners.dropFirst() { scanners[0].absorb(other) }
        scanners[0].finish()
    }

    /// Shares a workspace among scanning threads: each uses a scanner of its own, and nobody changes the rest.
    private struct Shared: @unchecked Sendable {
        let workspace: SearchWorkspace
    }

    /// Rescores candidates exactly, best estimates first, until no other can be among the best hits.
    ///
    /// - Returns: how many were scored.
    private func rescore(
        _ prepared: PreparedQuery, _ query: [Float], k: Int, plan: SearchPlan, workspace: SearchWorkspace,
        source: any VectorSource, helpers: WorkerPool?, best: inout TopHits, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        let scanner = workspace.scanners[0]
        let estimates = Array(scanner.estimates.prefix(scanner.found))
        // Ties are broken by place: any order would do, but it must always be the same.
        let order = placesOfLargest(estimates.count, of: estimates).map { Int($0) }
        let limit = min(order.count, plan.candidates ?? max(Self.rescoredPerHit * k, Self.rescoredAtLeast))
        let band = plan.margin * prepared.deviation
        var done = 0
        while done < limit {
            var end = min(limit, done == 0 ? k : done + 8)
            // What lies below can no longer reach the k-th best exact score.
            while end > done, estimates[order[end - 1]] + band < best.threshold { end -= 1 }
            guard end > done else { break }
            try deadline.check("rescoring")
            try rescore(order[done..<end].map { Int(scanner.rows[$0]) }, query, source, helpers, into: &best)
            done = end
        }
        return done
    }

    /// Fewer rows are not worth a helper.
    private static let rowsWorthHelp = 4

    private func rescore(
        _ rows: [Int], _ query: [Float], _ source: any VectorSource, _ helpers: WorkerPool?, into best: inout TopHits
    ) throws(ImpRAGError) {
        var rows = rows
        if let kept {
            rows.removeAll { row in
                guard let score = kept.score(query.span, row: row) else { return false }
                best.enter(row: row, score: score)
                return true
            }
        }
        let parts = min(helpers?.threadCount ?? 1, rows.count / (Self.rowsWorthHelp / 2))
        guard let helpers, rows.count >= Self.rowsWorthHelp, parts > 1 else {
            for hit in try Self.score(rows, query, source) { best.enter(row: hit.row, score: hit.score) }
            return
        }
        let missing = rows
        let found = try helpers.map(parts) { part throws(ImpRAGError) in
            let some = missing[(missing.count * part / parts)..<(missing.count * (part + 1) / parts)]
            return try Self.score(Array(some), query, source)
        }
        for hit in found.joined() { best.enter(row: hit.row, score: hit.score) }
    }

    /// The exact scores of those of `rows` that are there.
    private static func score(
        _ rows: [Int], _ query: [Float], _ source: any VectorSource
    ) throws(ImpRAGError) -> [Hit] {
        guard !rows.isEmpty else { return [] }
        var hits: [Hit] = []
        hits.reserveCapacity(rows.count)
        try source.withVectors(rows: rows) { place, vector in
            hits.append(Hit(row: rows[place], score: innerProduct(query.span, vector)))
        }
        return hits
    }
}
