import Core
import Evaluation
import Foundation
import Kernels
import Platform
import VectorIndex

let benchIndexCommand = Command(
    name: "bench index",
    summary: "Measures the vector index on files of vectors",
    discussion: """
        Builds an index of --base, searches it for --query at many efforts, one query at a time and all
        of them as a batch, and compares what it finds with --truth. Files are in BigANN's formats: two 32-bit numbers (rows,
        columns), then float32 vectors (.fbin) or 32-bit row numbers of the exact best, best first (.ibin). Vectors are ranked
        by inner product.
        """,
    options: [
        .required("base", "X.fbin", "the vectors"),
        .required("query", "Q.fbin", "the queries"),
        .required("truth", "T.ibin", "for each query the rows of its exact best, at least 10"),
        .optional(
            "sample", "S.fbin",
            "queries like --query, but not the same, to calibrate with (default: vectors of the base)"),
        .optional("threads", "N", "threads of building and of batches (default: one a core)"),
        .optional("partitions", "N", "partitions that the vectors are divided into (default: 1)"),
        .optional("recall", "X", "the recall@10 that the index aims at, 0.5 to 0.999 (default: 0.95)"),
        codeSizeOption("in memory"),
        .optional("repeats", "N", "runs that a figure is the median of (default: 3)"),
        .optional("work", "DIR", "where the index is made; kept afterwards, and used again when it is finished"),
        .flag("calibrated-only", "measure the calibrated efforts only, not a grid around them"),
        .optional("target", "X", "measure the effort that is calibrated for that recall only"),
        .flag("build-only", "make the index and measure nothing"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag bench index --base base.fbin --query query.fbin --truth truth.ibin",
    run: { arguments in
        let threads =
            try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
        let partitions = try arguments.integer("partitions", in: 1...1024) ?? 1
        let target = try arguments.number("recall", in: SearchOptions.recallRange) ?? 0.95
        let repeats = try arguments.integer("repeats", in: 1...1000) ?? 3
        let base = try VectorFile(path: arguments.required("base"))
        let work =
            arguments.string("work")
            ?? FileManager.default.temporaryDirectory.path
            + "/imprag-bench-\(ProcessInfo.processInfo.processIdentifier)"
        let isTemporary = arguments.string("work") == nil
        defer { if isTemporary { try? FileManager.default.removeItem(atPath: work) } }
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        if arguments.has("build-only") {
            let progress = ProgressLine()
            let sample = try sampleVectors(arguments, like: base)
            _ = try BenchmarkBuild(
                base: base, directory: work, partitions: partitions, threads: threads, target: target, sample: sample,
                codeSize: try chosenCodeSize(arguments)
            ).run { text, done, total in
                progress.show("\(text): \(total > 0 ? 100 * done / total : 100) %", isImportant: done == total)
            }
            progress.finish()
            return
        }
        let query = try VectorFile(path: arguments.required("query"))
        let truth = try VectorFile(path: arguments.required("truth"))
        if !FileManager.default.fileExists(atPath: work + "/build.json") {
            // In a process of its own, so that memory used for building does not count as used for searching.
            try build(
                arguments, threads: threads, partitions: partitions, target: target, work: work)
        }
        let search = try BenchmarkSearch(
            directory: work, query: query, truth: truth, threads: threads, repeats: repeats)
        var points: [BenchmarkSearch.Point] = []
        let progress = ProgressLine()
        let only = try arguments.number("target", in: SearchOptions.recallRange)
        // A set too small to need an index has no calibration: it is always searched exactly.
        let calibratedOnly = arguments.has("calibrated-only") && search.calibrations.first?.entries.isEmpty == false
        let plans = search.plans.filter {
            only == nil ? $0.target != nil || !calibratedOnly : $0.target == only
        }
        guard !plans.isEmpty else {
            let targets = Calibration.targets.map { fixed($0, 3) }.joined(separator: ", ")
            throw UsageError(message: "--target \(only ?? 0) was not calibrated; one of \(targets) is right")
        }
        for (number, plan) in plans.enumerated() {
            progress.show("searching: \(number) of \(plans.count) efforts")
            points.append(try search.measure(plan.plan, target: plan.target))
        }
        progress.finish()
        let exact = try search.measureExact()
        let memory = BenchmarkSearch.anonymousBytes
        if arguments.has("json") {
            try writeLine(json(search, points, exact, memory: memory, queries: query.rows, threads: threads))
        } else {
            try writeLine(summary(search, points, exact, memory: memory, threads: threads))
        }
    }
)

/// Runs this program again to build, showing its progress.
private func build(
    _ arguments: Arguments, threads: Int, partitions: Int, target: Double, work: String
) throws {
    let child = try ChildProcess(
        executable: "/proc/self/exe",
        arguments: [
            "bench", "index", "--base", arguments.required("base"), "--query", arguments.required("query"), "--truth",
            arguments.required("truth"), "--threads", String(threads), "--partitions", String(partitions), "--recall",
            String(target), "--work", work, "--build-only",
        ]
            + ["sample", "code-bytes"].flatMap { name in
                arguments.string(name).map { ["--\(name)", $0] } ?? []
            })
    var exit = child.reap()
    while exit == nil {
        _ = waitForInput(on: [child.errors.descriptor], milliseconds: 200)
        for line in child.errors.readLines() { printError(line) }
        exit = child.reap()
    }
    guard exit == .code(0) else {
        throw ImpRAGError(.internal, "the build ended with \(exit.map(\.description) ?? "nothing")")
    }
}

private func json(
    _ search: BenchmarkSearch, _ points: [BenchmarkSearch.Point], _ exact: (recall: Double, qps: Double),
    memory: ByteCount, queries: Int, threads: Int
) -> String {
    var line = JSONLine()
    line.add("rows", search.rows)
    line.add("dimension", search.dimension)
    line.add("queries", queries)
    line.add("threads", threads)
    line.add("partitions", search.build.firstRows.count)
    line.add("build_seconds", search.build.seconds)
    line.add("write_seconds", search.build.writeSeconds)
    line.add("train_seconds", search.build.trainSeconds)
    line.add("code_seconds", search.build.codeSeconds)
    line.add("calibrate_seconds", search.build.calibrateSeconds)
    line.add("ready_seconds", search.readySeconds)
    line.add("resident_bytes_per_vector", Double(search.indexBytes.bytes) / Double(max(1, search.rows)))
    line.add("rss_anon_bytes", memory.bytes)
    line.add("instructions", KernelLevel.chosen)
    line.add(
        "calibrated",
        (search.calibrations.first?.entries ?? []).map { entry in
            var object = JSONLine()
            object.add("target", entry.target)
            object.add("measured", entry.measured)
            object.add("probes", entry.plan.probes)
            object.add("margin", entry.plan.margin)
            return object
        })
    line.add(
        "points",
        points.map { point in
            var object = JSONLine()
            object.add("probes", point.plan.probes)
            object.add("margin", point.plan.margin)
            if let target = point.target { object.add("target", target) } else { object.add("target", raw: "null") }
            object.add("recall", point.recall)
            object.add("one_qps", point.oneQPS)
            object.add("one_p50_us", point.oneP50)
            object.add("one_p99_us", point.oneP99)
            object.add("first_qps", point.firstQPS)
            object.add("first_p50_us", point.firstP50)
            object.add("first_p99_us", point.firstP99)
            object.add("batch_qps", point.batchQPS)
            object.add("candidates", point.candidates)
            object.add("scanned_share", point.scannedShare)
            return object
        })
    var object = JSONLine()
    object.add("recall", exact.recall)
    object.add("qps", exact.qps)
    line.add("exact", object)
    return line.line
}

private func summary(
    _ search: BenchmarkSearch, _ points: [BenchmarkSearch.Point], _ exact: (recall: Double, qps: Double),
    memory: ByteCount, threads: Int
) -> String {
    let build = search.build
    let perVector = Double(search.indexBytes.bytes) / Double(max(1, search.rows))
    var rows = [["target", "probes", "margin", "recall@10", "one by one/s", "p50 us", "p99 us", "batch/s", "rescored"]]
    for point in points.sorted(by: { $0.recall < $1.recall }) {
        rows.append([
            point.target.map { fixed($0, 3) } ?? "", String(point.plan.probes), fixed(Double(point.plan.margin), 1),
            fixed(point.recall, 4), fixed(point.oneQPS, 0), fixed(point.oneP50, 0), fixed(point.oneP99, 0),
            fixed(point.batchQPS, 0), fixed(point.candidates, 1),
        ])
    }
    return """
        \(search.rows) vectors of \(search.dimension) numbers in \(build.firstRows.count) partitions; \(threads) threads, \
        \(KernelLevel.description)
        built in \(fixed(build.seconds, 1)) s: \(fixed(build.writeSeconds, 1)) writing, \(fixed(build.trainSeconds, 1)) training, \
        \(fixed(build.codeSeconds, 1)) coding, \(fixed(build.calibrateSeconds, 1)) calibrating
        ready in \(fixed(search.readySeconds, 2)) s; \(fixed(perVector, 0)) bytes a vector in memory, \(memory) of the process in all
        exact: recall@10 \(fixed(exact.recall, 4)), \(fixed(exact.qps, 1))/s

        \(table(rows))
        """
}

/// The vectors of `--sample`; nil without it.
///
/// - Throws: `invalidArgument` when they are of another dimension than the base's.
func sampleVectors(_ arguments: Arguments, like base: VectorFile) throws -> VectorFile? {
    guard let path = arguments.string("sample") else { return nil }
    let sample = try VectorFile(path: path)
    guard sample.columns == base.columns else {
        throw ImpRAGError(
            .invalidArgument,
            "the sample's vectors have \(sample.columns) numbers, those of the base \(base.columns); the same is right")
    }
    return sample
}
