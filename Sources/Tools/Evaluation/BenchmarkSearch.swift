public import Core
internal import Foundation
internal import Kernels
internal import Platform
internal import Storage
public import VectorIndex

/// Searches the partitions that `BenchmarkBuild` made, one query at a time and in batches, at many efforts.
public struct BenchmarkSearch: Sendable {
    public struct Point: Sendable {
        public var plan: SearchPlan
        /// The calibrated target that maps to the plan; nil for a point of the grid.
        public var target: Double?
        /// Queries per second in the first pass, one at a time: the cost of a cold start if the system's caches were
        /// dropped.
        public var firstQPS = 0.0
        public var firstP50 = 0.0
        public var firstP99 = 0.0
        /// Recall@10 over all queries.
        public var recall = 0.0
        public var oneQPS = 0.0
        public var oneP50 = 0.0
        public var oneP99 = 0.0
        public var batchQPS = 0.0
        /// Vectors rescored per query.
        public var candidates = 0.0
        /// Share of all codes that a query scans.
        public var scannedShare = 0.0
    }

    public let build: BenchmarkBuild.Report
    public let readySeconds: Double
    public let rows: Int
    public let dimension: Int
    /// Codes, lists, models and RocksDB's tables.
    public let indexBytes: ByteCount
    public let calibrations: [Calibration]

    private let partitions: [LivePartition]
    private let queries: [[Float]]
    private let truth: [Set<Int>]
    private let pool: WorkerPool
    private let crew: SearchCrew
    private let repeats: Int

    public static let k = 10

    /// Opens the partitions in `directory`.
    ///
    /// - Parameters:
    ///   - truth: rows of the exact best, best first; at least 10 per query.
    ///   - repeats: figures are medians of this many runs.
    /// - Throws: `invalidArgument` when the files do not belong together.
    public init(
        directory: String, query: VectorFile, truth: VectorFile, threads: Int, repeats: Int
    ) throws(ImpRAGError) {
        do {
            build = try JSONDecoder().decode(
                BenchmarkBuild.Report.self,
                from: Data(contentsOf: URL(filePath: BenchmarkBuild.reportPath(directory))))
        } catch {
            throw ImpRAGError(.notFound, "\(directory) holds no finished benchmark build", cause: error)
        }
        let start = ContinuousClock.now
        crew = SearchCrew(threads: threads)
        var partitions: [LivePartition] = []
        for number in build.firstRows.indices {
            partitions.append(
                try LivePartition(
                    Partition(path: BenchmarkBuild.path(directory, number), cacheBytes: 8 << 20), keepsVectors: true,
                    crew: crew))
        }
        readySeconds = seconds(since: start)
        self.partitions = partitions
        dimension = partitions.first?.partition.dimension ?? 0
        rows = partitions.reduce(0) { $0 + $1.partition.count }
        indexBytes = ByteCount(
            partitions.reduce(0) { $0 + $1.indexBytes.bytes + $1.partition.tableMemory.bytes })
        calibrations = partitions.compactMap(\.calibration)
        guard query.columns == dimension, truth.rows >= query.rows, truth.columns >= min(Self.k, rows) else {
            throw ImpRAGError(
                .invalidArgument,
                "the queries are \(query.rows) × \(query.columns) and the truth is \(truth.rows) × \(truth.columns); for "
                    + "vectors of \(dimension) numbers, as many columns and at least as many rows with 10 columns are right"
            )
        }
        queries = try (0..<query.rows).map { row throws(ImpRAGError) in try query.floats(row..<(row + 1)) }
        self.truth = (0..<query.rows).map { Set(truth.numbers($0, count: Self.k)) }
        pool = WorkerPool(threadCount: threads)
        self.repeats = max(1, repeats)
    }

    /// This process's memory that is backed by no file.
    public static var anonymousBytes: ByteCount {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return ByteCount((line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) << 10)
    }

    /// Efforts to measure: the calibrated ones, then a grid around them.
    public var plans: [(plan: SearchPlan, target: Double?)] {
        guard let first = calibrations.first, !first.entries.isEmpty else {
            return [(SearchPlan(probes: 1, margin: 0), nil)]
        }
        var plans: [(plan: SearchPlan, target: Double?)] = first.entries.map { ($0.plan, $0.target) }
        for probes in [8, 12, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 192, 256, 384, 512] {
            for margin: Float in [0, 0.6, 1.2, 2, 3] { plans.append((SearchPlan(probes: probes, margin: margin), nil)) }
        }
        return plans
    }

    /// Measures one effort; for a calibrated target every partition uses its own plan.
    public func measure(_ plan: SearchPlan, target: Double?) throws(ImpRAGError) -> Point {
        var point = Point(plan: plan, target: target)
        let options = target.map { SearchOptions(recall: $0) }
        // The first run warms up and measures what does not depend on the clock.
        var (found, candidates, scanned) = (0, 0, 0)
        var firstTimes: [Double] = []
        for index in queries.indices {
            let begun = ContinuousClock.now
            let outcome = try search(index, plan, options)
            firstTimes.append(seconds(since: begun) * 1e6)
            found += truth[index].intersection(outcome.rows).count
            candidates += outcome.rescored
            scanned += outcome.scanned
        }
        point.firstQPS = Double(queries.count) * 1e6 / firstTimes.reduce(0, +)
        firstTimes.sort()
        point.firstP50 = Self.quantile(firstTimes, 50)
        point.firstP99 = Self.quantile(firstTimes, 99)
        let wanted = truth.reduce(0) { $0 + $1.count }
        point.recall = Double(found) / Double(max(1, wanted))
        point.candidates = Double(candidates) / Double(queries.count)
        point.scannedShare = Double(scanned) / Double(queries.count) / Double(max(1, rows))
        var runs: [(one: Double, p50: Double, p99: Double, batch: Double)] = []
        for _ in 0..<repeats {
            var times: [Double] = []
            let start = ContinuousClock.now
            for index in queries.indices {
                let begun = ContinuousClock.now
                _ = try search(index, plan, options)
                times.append(seconds(since: begun) * 1e6)
            }
            let one = Double(queries.count) / seconds(since: start)
            times.sort()
            runs.append(
                (
                    one, Self.quantile(times, 50), Self.quantile(times, 99),
                    try batchRate(plan, options)
                ))
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        point.oneQPS = median(runs.map(\.one))
        point.oneP50 = median(runs.map(\.p50))
        point.oneP99 = median(runs.map(\.p99))
        point.batchQPS = median(runs.map(\.batch))
        return point
    }

    /// - Parameter sorted: not empty.
    private static func quantile(_ sorted: [Double], _ percent: Int) -> Double {
        sorted[min(sorted.count - 1, sorted.count * percent / 100)]
    }

    /// Recall and queries per second of exact search, over a few queries.
    public func measureExact() throws(ImpRAGError) -> (recall: Double, qps: Double) {
        let count = min(queries.count, 20)
        var found = 0
        let start = ContinuousClock.now
        for index in 0..<count {
            found +=
                truth[index].intersection(
                    try search(index, SearchPlan(probes: 1, margin: 0), SearchOptions(isExact: true)).rows
                ).count
        }
        let wanted = truth.prefix(count).reduce(0) { $0 + $1.count }
        return (Double(found) / Double(max(1, wanted)), Double(count) / seconds(since: start))
    }

    /// All queries as one batch, divided among the threads.
    private func batchRate(_ plan: SearchPlan, _ options: SearchOptions?) throws(ImpRAGError) -> Double {
        let start = ContinuousClock.now
        let size = Self.batchSize
        _ = try pool.map((queries.count + size - 1) / size) { batch throws(ImpRAGError) in
            let range = (batch * size)..<min((batch + 1) * size, queries.count)
            let vectors = queries[range].flatMap { $0 }
            for number in partitions.indices {
                _ = try partitions[number].searchInDetail(
                    vectors, k: Self.k, options: options ?? SearchOptions(), plan: options == nil ? plan : nil,
                    deadline: .never)
            }
        }
        return Double(queries.count) / seconds(since: start)
    }

    /// Queries per call inside a batch.
    private static let batchSize = 32

    /// What one query found, in one partition or in all.
    private struct Found: Sendable {
        var hits: [Hit] = []
        var scanned = 0
        var rescored = 0

        var rows: [Int] { hits.map(\.row) }
    }

    /// A single query searches its partitions in parallel, as shards do; in a batch the queries run in parallel.
    private func search(
        _ index: Int, _ plan: SearchPlan, _ options: SearchOptions?
    ) throws(ImpRAGError) -> Found {
        guard partitions.count > 1 else { return try search(index, in: 0, plan, options) }
        let parts = try crew.map(partitions.count) { number throws(ImpRAGError) in
            try search(index, in: number, plan, options)
        }
        var all = Found()
        for found in parts {
            all.hits += found.hits
            all.scanned += found.scanned
            all.rescored += found.rescored
        }
        all.hits.sort { ($1.score, $0.row) < ($0.score, $1.row) }
        all.hits.removeLast(max(0, all.hits.count - Self.k))
        return all
    }

    private func search(
        _ index: Int, in number: Int, _ plan: SearchPlan, _ options: SearchOptions?
    ) throws(ImpRAGError) -> Found {
        let outcomes = try partitions[number].searchInDetail(
            queries[index], k: Self.k, options: options ?? SearchOptions(), plan: options == nil ? plan : nil,
            deadline: .never
        ).outcomes
        guard let outcome = outcomes.first else { return Found() }
        let first = build.firstRows[number]
        return Found(
            hits: outcome.hits.map { Hit(row: $0.row + first, score: $0.score) }, scanned: outcome.scanned,
            rescored: outcome.rescored)
    }
}
