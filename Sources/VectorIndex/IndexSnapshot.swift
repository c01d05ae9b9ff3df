public import Core
internal import Kernels

/// One state of a partition's index, with all that a search of it needs. Immutable: writers make a new one.
public struct IndexSnapshot: Sendable {
    /// Nil while the partition is so small that all of its vectors are kept as they are.
    public var coded: ListIndex?
    /// Vectors that no list holds.
    public var flat: FlatRows
    /// Rows that may be found.
    public var live: RowSet

    public init(coded: ListIndex?, flat: FlatRows, live: RowSet) {
        self.coded = coded
        self.flat = flat
        self.live = live
    }

    public var residentBytes: ByteCount {
        ByteCount((coded?.residentBytes.bytes ?? 0) + flat.residentBytes.bytes + live.words.count * 8)
    }

    /// What one search found and what it took.
    public struct Outcome: Sendable {
        /// Best first; at most k.
        public var hits: [Hit]
        /// Codes that were looked at.
        public var scanned = 0
        /// Vectors that were scored exactly from the source.
        public var rescored = 0

        public init(hits: [Hit], scanned: Int = 0, rescored: Int = 0) {
            self.hits = hits
            self.scanned = scanned
            self.rescored = rescored
        }
    }

    /// Matches up to which a filtered search scores every match exactly.
    private static let exactMatches = 512
    /// Share of the vectors below which a filtered search looks into every list, at the matches only.
    private static let fewMatches = 0.2
    /// Standard deviations within which the first segment's estimate must be right: 1 in 700 vectors is outside.
    private static let firstMargin: Float = 3

    /// The best `k` live rows for one query.
    ///
    /// - Parameters:
    ///   - query: `[dimension]`, finite.
    ///   - matches: nil, or the only rows that may be found, all of them live.
    ///   - source: where candidates are rescored from.
    /// - Throws: `invalidArgument` when scores overflow, `deadlineExceeded`, and what the source throws.
    func search(
        _ query: [Float], k: Int, plan: SearchPlan, matches: RowSet?, source: any VectorSource,
        workspace: SearchWorkspace?, deadline: Deadline
    ) throws(ImpRAGError) -> Outcome {
        let allowed = matches ?? live
        let limit = min(k, allowed.count)
        guard limit > 0 else { return Outcome(hits: []) }
        try deadline.check("search")
        var best = TopHits(limit: limit)
        if coded != nil, let matches, matches.count <= max(Self.exactMatches, k) {
            var rows: [Int] = []
            matches.forEach { rows.append($0) }
            try Self.rescore(rows[...], query, source, into: &best)
            return Outcome(hits: best.sorted(), rescored: rows.count)
        }
        try flat.search(query, allowed: allowed, into: &best)
        guard let coded, coded.count > 0, let workspace else { return Outcome(hits: best.sorted()) }

        let prepared = try PreparedQuery(query, coded.model, workspace)
        let scanned = try collect(
            prepared, coded, k: limit, probes: probes(plan, k: k, matches: matches, coded: coded), margin: plan.margin,
            matches: matches, threshold: best.threshold, workspace: workspace, deadline: deadline)
        let rescored = try rescore(
            prepared, query, k: limit, plan: plan, workspace: workspace, source: source, best: &best,
            deadline: deadline)
        return Outcome(hits: best.sorted(), scanned: scanned, rescored: rescored)
    }

    /// Lists to scan. The plan's number was found for k = 10 and no filter. More hits lie in more lists; so do the best of
    /// few matches.
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

    /// Scans lists, those of the nearest centroids first, and leaves candidates in the workspace.
    ///
    /// - Parameter threshold: a score below it cannot be among the best, whatever the scan finds.
    /// - Returns: how many codes were looked at.
    private func collect(
        _ prepared: PreparedQuery, _ coded: ListIndex, k: Int, probes: Int, margin: Float, matches: RowSet?,
        threshold: Float, workspace: SearchWorkspace, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        let model = coded.model
        let head = model.headWidth
        let coordinates = workspace.coordinates
        multiply(coordinates.span.extracting(0..<head), model.heads.span, into: &workspace.listScores)
        // Out of the class, so that the loops below touch plain arrays.
        var (rows, estimates) = workspace.takeCandidates()
        var scores = BestScores(limit: k)
        let band = margin * prepared.deviation
        let slack = Self.firstMargin * prepared.firstDeviation
        let scanner = workspace.scanner
        var scanned = 0
        var order = ListOrder(workspace.listScores, first: probes)
        var visited = 0
        var next = order.next()
        // The number of lists is a promise about quality, not about quantity: k hits are found where there are k.
        // A filter that goes with the vectors leaves lists near the query without matches: as many of them are looked at as
        // lie in the plan's lists when the filter goes with nothing.
        let quota = matches.map { probes * $0.count / coded.lists.count } ?? 0
        var selected = 0
        while visited < probes || selected < quota || scores.threshold == -.infinity, let list = next {
            visited += 1
            next = visited < probes ? order.next() : nil
            if visited % 64 == 0 { try deadline.check("search") }
            let chunks = coded.lists[list]
            let ahead = next.flatMap { coded.lists[$0].first }
            var base = prepared.base + workspace.listScores[list]
            if head < model.width {
                let rest = model.width - head
                base += innerProduct(
                    coordinates.span.extracting(head..<model.width),
                    model.tails.span.extracting((list * rest)..<((list + 1) * rest)))
            }
            for chunk in chunks {
                let least = max(scores.threshold, threshold) - band
                let found = scanner.scan(chunk, base: base, least: least, slack: slack, rows: matches, ahead: ahead)
                scanned += chunk.count
                selected += scanner.selected
                for index in 0..<found {
                    let row = chunk.row(Int(scanner.places[index]))
                    guard matches != nil || live.contains(row) else { continue }
                    let estimate = scanner.estimates[index]
                    rows.append(row)
                    estimates.append(estimate)
                    scores.insert(estimate)
                }
            }
            if next == nil, selected < quota || scores.threshold == -.infinity { next = order.next() }
        }
        // Most of what was found early is below what is known by now.
        let least = max(scores.threshold, threshold) - band
        var kept = 0
        for index in rows.indices where estimates[index] >= least {
            rows[kept] = rows[index]
            estimates[kept] = estimates[index]
            kept += 1
        }
        rows.removeLast(rows.count - kept)
        estimates.removeLast(estimates.count - kept)
        workspace.rows = rows
        workspace.estimates = estimates
        return scanned
    }

    /// Scores candidates exactly, the best estimates first, until no other can be among the best.
    ///
    /// - Returns: how many were scored.
    private func rescore(
        _ prepared: PreparedQuery, _ query: [Float], k: Int, plan: SearchPlan, workspace: SearchWorkspace,
        source: any VectorSource, best: inout TopHits, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        let estimates = workspace.estimates
        let order = estimates.indices.sorted {
            (estimates[$1], workspace.rows[$0]) < (estimates[$0], workspace.rows[$1])
        }
        let limit = min(order.count, plan.candidates ?? .max)
        let band = plan.margin * prepared.deviation
        var done = 0
        while done < limit {
            var end = min(limit, done == 0 ? k : done + 8)
            // Nothing below can reach the k-th best exact score any more.
            while end > done, estimates[order[end - 1]] + band < best.threshold { end -= 1 }
            guard end > done else { break }
            try deadline.check("rescoring")
            try Self.rescore(order[done..<end].map { workspace.rows[$0] }[...], query, source, into: &best)
            done = end
        }
        return done
    }

    private static func rescore(
        _ rows: ArraySlice<Int>, _ query: [Float], _ source: any VectorSource, into best: inout TopHits
    ) throws(ImpRAGError) {
        let rows = Array(rows)
        var failure: ImpRAGError?
        try source.withVectors(rows: rows) { place, vector in
            guard failure == nil else { return }
            do throws(ImpRAGError) {
                try best.enter(row: rows[place], score: innerProduct(query.span, vector))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
