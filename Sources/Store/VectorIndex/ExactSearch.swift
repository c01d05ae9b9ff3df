public import Core
public import Kernels

/// Brute-force search: scores every vector of a source, streaming them from disk in constant memory.
public struct ExactSearch: Sendable {
    private let source: any VectorSource
    private let kept: KeptVectors?
    private let pool: WorkerPool?

    /// Vectors scored between two checks of the deadline: about a millisecond of work for a batch of queries.
    private static let blockRows = 512

    /// - Parameters:
    ///   - kept: the vectors of all rows that may be searched, where they are in memory: then the source is not read.
    ///   - pool: nil stays on the calling thread.
    public init(source: any VectorSource, kept: KeptVectors? = nil, pool: WorkerPool? = nil) {
        self.source = source
        self.kept = kept
        self.pool = pool
    }

    /// The best `k` rows of `allowed` for each query, best first; equal scores by lower row.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - pause: called between blocks; throws to stop. Background searches use it to yield.
    /// - Throws: `invalidArgument` for a wrong size, or a number beyond `VectorLimit`;
    ///   `deadlineExceeded`, and what the source throws.
    public func search(
        _ queries: [Float], k: Int, allowed: RowSet, deadline: Deadline,
        pause: @Sendable () throws(ImpRAGError) -> Void = {}
    ) throws(ImpRAGError) -> [[Hit]] {
        try searchInDetail(queries, k: k, allowed: allowed, deadline: deadline, pause: pause).map(\.hits)
    }

    /// As `search`, with the rows whose scores are not finite.
    package func searchInDetail(
        _ queries: [Float], k: Int, allowed: RowSet, deadline: Deadline,
        pause: @Sendable () throws(ImpRAGError) -> Void = {}
    ) throws(ImpRAGError) -> [IndexSnapshot.Outcome] {
        try source.check(queries, k: k)
        try deadline.check("exact search")
        let count = queries.count / source.dimension
        let limit = min(k, allowed.count)
        guard count > 0, limit > 0 else {
            return [IndexSnapshot.Outcome](repeating: IndexSnapshot.Outcome(hits: []), count: count)
        }
        let end = source.rowLimit
        let parts = pool.map { min($0.threadCount, max(1, end / Self.blockRows)) } ?? 1
        let results: [[TopHits]]
        if let pool, parts > 1 {
            results = try pool.map(parts) { part throws(ImpRAGError) in
                try searchPart(
                    queries, limit, allowed, from: end * part / parts, until: end * (part + 1) / parts, deadline, pause)
            }
        } else {
            results = [try searchPart(queries, limit, allowed, from: 0, until: end, deadline, pause)]
        }
        var best = [TopHits](repeating: TopHits(limit: limit), count: count)
        for part in results {
            for (query, hits) in part.enumerated() {
                for hit in hits.sorted() { best[query].insert(hit) }
                best[query].pass(over: hits.unscored)
            }
        }
        return best.map { IndexSnapshot.Outcome(hits: $0.sorted(), unscored: $0.unscored) }
    }

    private func searchPart(
        _ queries: [Float], _ limit: Int, _ allowed: RowSet, from first: Int, until end: Int, _ deadline: Deadline,
        _ pause: () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [TopHits] {
        let dimension = source.dimension
        let count = queries.count / dimension
        var block = ScoreBlock(queries: queries, count: count, dimension: dimension, limit: limit)
        var failure: ImpRAGError?
        func scoreWhenFull() -> Bool {
            guard block.rows.count == Self.blockRows else { return true }
            do throws(ImpRAGError) {
                block.score()
                try deadline.check("exact search")
                try pause()
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let kept {
            kept.scan(first..<end) { row, vector in
                guard allowed.contains(row) else { return true }
                block.append(row, vector)
                return scoreWhenFull()
            }
        } else {
            try source.scanVectors(from: first, until: end) { row, vector in
                guard allowed.contains(row) else { return true }
                block.append(row, vector)
                return scoreWhenFull()
            }
        }
        if let failure { throw failure }
        block.score()
        return block.best
    }
}

/// A block of vectors to be scored together, and the best hits so far.
private struct ScoreBlock {
    let queries: [Float]
    let count: Int
    let dimension: Int
    var best: [TopHits]
    var rows: [Int] = []
    private var vectors: [BFloat16] = []
    private var scores: [Float] = []

    init(queries: [Float], count: Int, dimension: Int, limit: Int) {
        self.queries = queries
        self.count = count
        self.dimension = dimension
        best = [TopHits](repeating: TopHits(limit: limit), count: count)
    }

    mutating func append(_ row: Int, _ vector: RawSpan) {
        rows.append(row)
        appendNumbers(of: vector, to: &vectors)
    }

    mutating func append(_ row: Int, _ vector: ArraySlice<BFloat16>) {
        rows.append(row)
        vectors += vector
    }

    mutating func score() {
        guard !rows.isEmpty else { return }
        if scores.count != count * rows.count { scores = [Float](repeating: 0, count: count * rows.count) }
        Self.multiplyAll(queries, vectors, into: &scores, m: count, n: rows.count)
        for query in 0..<count {
            // Rows come in ascending order, so a tie never displaces a hit.
            for (place, row) in rows.enumerated() where !(scores[query * rows.count + place] <= best[query].threshold) {
                best[query].enter(row: row, score: scores[query * rows.count + place])
            }
        }
        rows.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
    }

    /// A function of its own, so that only the scores are borrowed mutably.
    private static func multiplyAll(
        _ queries: [Float], _ vectors: [BFloat16], into scores: inout [Float], m: Int, n: Int
    ) {
        multiply(queries.span, vectors.span, into: &scores, m: m, n: n)
    }
}
