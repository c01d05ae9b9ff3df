import Core
import Foundation
import Storage
import TestSupport
import Testing
import VectorIndex

@testable import Evaluation

/// The whole benchmark on a few vectors, in this process and as `imprag bench index`.
@Suite struct BenchmarkTests {
    /// Vectors, queries and their exact best in files.
    private struct Files {
        let directory: TemporaryDirectory

        /// Scores are sums of small whole numbers, so they are exact and bf16 loses nothing; equal ones are avoided by
        /// a number that no two rows share.
        init(rows: Int, dimension: Int = 8, queries: Int = 20) throws {
            directory = try TemporaryDirectory()
            var random = SeededGenerator(seed: UInt64(rows))
            var vectors = (0..<rows * dimension).map { _ in Float(Int.random(in: -8...8, using: &random)) }
            for row in 0..<rows {
                // row = 64 · a + b, worth a / 64 + b / 4096 to every query.
                vectors[row * dimension + dimension - 2] = Float(row / 64)
                vectors[row * dimension + dimension - 1] = Float(row % 64)
            }
            var asked = (0..<queries * dimension).map { _ in Float(Int.random(in: -8...8, using: &random)) }
            for query in 0..<queries {
                asked[query * dimension + dimension - 2] = 1.0 / 64
                asked[query * dimension + dimension - 1] = 1.0 / 4096
            }
            var truth: [Int32] = []
            for query in 0..<queries {
                let scores = (0..<rows).map { row in
                    (0..<dimension).reduce(Float(0)) {
                        $0 + asked[query * dimension + $1] * vectors[row * dimension + $1]
                    }
                }
                truth += scores.indices.sorted { scores[$0] > scores[$1] }.prefix(10).map { Int32($0) }
            }
            try write(VectorBytes.floats(vectors, columns: dimension), "base.fbin")
            try write(VectorBytes.floats(asked, columns: dimension), "query.fbin")
            try write(VectorBytes.numbers(truth, columns: min(10, rows)), "truth.ibin")
        }

        func write(_ data: Data, _ name: String) throws { try data.write(to: URL(filePath: directory.file(name))) }

        func file(_ name: String) throws -> VectorFile { try VectorFile(path: directory.file(name)) }

        func build(partitions: Int) throws -> BenchmarkBuild.Report {
            try BenchmarkBuild(
                base: file("base.fbin"), directory: directory.path, partitions: partitions, threads: 2, target: 0.95
            ).run { _, _, _ in }
        }

        func search() throws -> BenchmarkSearch {
            try BenchmarkSearch(
                directory: directory.path, query: file("query.fbin"), truth: file("truth.ibin"), threads: 2, repeats: 1)
        }
    }

    @Test("a small set is searched with a recall of 1, in one partition and in several", arguments: [1, 3])
    func small(partitions: Int) throws {
        let files = try Files(rows: 700)
        let report = try files.build(partitions: partitions)
        #expect(report.firstRows == (0..<partitions).map { 700 * $0 / partitions })
        #expect(report.writeSeconds > 0 && report.seconds >= report.writeSeconds)
        let search = try files.search()
        #expect(search.rows == 700 && search.dimension == 8 && search.indexBytes.bytes > 700 * 16)
        // So few vectors have no lists, and so no efforts to choose among.
        #expect(search.calibrations == [] && search.plans.count == 1)
        let point = try search.measure(search.plans[0].plan, target: nil)
        #expect(point.recall == 1 && point.oneQPS > 0 && point.batchQPS > 0)
        #expect(point.oneP50 > 0 && point.oneP50 <= point.oneP99)
        #expect(try search.measureExact().recall == 1)
    }

    @Test("a wrong truth has the recall that it should have")
    func wrongTruth() throws {
        let files = try Files(rows: 300)
        _ = try files.build(partitions: 1)
        let truth = try files.file("truth.ibin")
        // Of every ten, three that were not among them.
        let wrong = (0..<truth.rows).flatMap { query in
            let right = truth.numbers(query, count: 10)
            return right.prefix(7) + (0..<300).filter { !right.contains($0) }.prefix(3)
        }
        try files.write(VectorBytes.numbers(wrong.map { Int32($0) }, columns: 10), "truth.ibin")
        let search = try files.search()
        #expect(abs(try search.measure(SearchPlan(probes: 1, margin: 0), target: nil).recall - 0.7) < 1e-9)
        #expect(abs(try search.measureExact().recall - 0.7) < 1e-9)
    }

    @Test("files that do not belong together, and a directory without a build, are refused")
    func mismatches() throws {
        let files = try Files(rows: 300)
        let nothing = #expect(throws: ImpRAGError.self) { try files.search() }
        #expect(nothing?.code == .notFound)
        _ = try files.build(partitions: 1)
        try files.write(VectorBytes.floats([Float](repeating: 1, count: 40), columns: 4), "query.fbin")
        let columns = #expect(throws: ImpRAGError.self) { try files.search() }
        #expect(columns?.code == .invalidArgument && columns?.message.contains("10 × 4") == true)
        try files.write(VectorBytes.floats([Float](repeating: 1, count: 240), columns: 8), "query.fbin")
        let rows = #expect(throws: ImpRAGError.self) { try files.search() }
        #expect(rows?.code == .invalidArgument && rows?.message.contains("30 × 8") == true)
    }

    @Test("vectors that are not finite are refused by the build")
    func notFinite() throws {
        let files = try Files(rows: 100)
        try files.write(VectorBytes.floats([1, 2, .nan, 4], columns: 2), "base.fbin")
        let error = #expect(throws: ImpRAGError.self) { try files.build(partitions: 1) }
        #expect(error?.code == .invalidArgument)
    }

    // MARK: The command

    private func command(_ files: Files, _ more: [String] = []) throws -> Imprag.Outcome {
        try Imprag.run(
            [
                "bench", "index", "--base", files.directory.file("base.fbin"), "--query",
                files.directory.file("query.fbin"), "--truth", files.directory.file("truth.ibin"), "--threads", "2",
                "--repeats", "1",
            ] + more, seconds: 120)
    }

    @Test("imprag bench index prints one JSON object with the documented keys, and leaves nothing behind")
    func json() throws {
        let files = try Files(rows: 500)
        let outcome = try command(files, ["--json", "--partitions", "2"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "rows", "dimension", "queries", "threads", "partitions", "build_seconds", "write_seconds",
                "train_seconds", "code_seconds", "calibrate_seconds", "ready_seconds", "resident_bytes_per_vector",
                "rss_anon_bytes", "instructions", "calibrated", "points", "exact",
            ])
        #expect(object["rows"] as? Int == 500 && object["dimension"] as? Int == 8 && object["queries"] as? Int == 20)
        #expect(object["threads"] as? Int == 2 && object["partitions"] as? Int == 2)
        let points = try #require(object["points"] as? [[String: Any]])
        #expect(points.count == 1)
        #expect(
            Set(points.first?.keys ?? [:].keys) == [
                "probes", "margin", "target", "recall", "one_qps", "one_p50_us", "one_p99_us", "first_qps",
                "first_p50_us", "first_p99_us", "batch_qps",
                "candidates",
                "scanned_share",
            ])
        #expect(points.first?["recall"] as? Double == 1)
        #expect((object["exact"] as? [String: Any])?["recall"] as? Double == 1)
        #expect(Set((object["exact"] as? [String: Any])?.keys ?? [:].keys) == ["recall", "qps"])
    }

    @Test("imprag bench index keeps its work where it was told to, and uses it again")
    func work() throws {
        let files = try Files(rows: 200)
        let work = files.directory.file("work")
        let first = try command(files, ["--work", work])
        #expect(first.status == 0 && first.output.contains("200 vectors of 8 numbers in 1 partitions"))
        let built = try Data(contentsOf: URL(filePath: work + "/build.json"))
        #expect(try command(files, ["--work", work]).status == 0)
        #expect(try Data(contentsOf: URL(filePath: work + "/build.json")) == built)
    }

    @Test("a wrong or missing file ends imprag bench index with 1 and is named; a missing option ends it with 2")
    func failures() throws {
        let files = try Files(rows: 200)
        try files.write(Data([1, 0, 0, 0, 9, 0, 0, 0, 1, 2]), "truth.ibin")
        let wrong = try command(files)
        #expect(wrong.status == 1 && wrong.errors.contains("truth.ibin") && wrong.output.isEmpty)
        try FileManager.default.removeItem(atPath: files.directory.file("base.fbin"))
        let missing = try command(files)
        #expect(missing.status == 1 && missing.errors.contains("base.fbin"))
        let usage = try Imprag.run(["bench", "index", "--query", "q", "--truth", "t"])
        #expect(usage.status == 2 && usage.errors.contains("--base"))
        let subject = try Imprag.run(["bench", "--base", "b", "--query", "q", "--truth", "t"])
        #expect(subject.status == 2 && subject.errors.contains("imprag bench index"))
        let range = try command(files, ["--recall", "2"])
        #expect(range.status == 2 && range.errors.contains("recall"))
    }
}
