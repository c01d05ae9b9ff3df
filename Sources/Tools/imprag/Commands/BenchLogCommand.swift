import Core
import Evaluation
import Foundation
import ObjectStore
import Platform

let benchLogCommand = Command(
    name: "bench log",
    summary: "Measures commits to a collection's log, and bringing a replica back",
    discussion: """
        Makes a collection of one partition with made-up passages of 100 words in an empty store, commits updates of 1 and of 64
        passages to its log one after the other, applies them, and brings the partition back from its checkpoint. Embedding is left
        out. What was made stays in the store.
        """,
    options: [
        .required("store", "LOCATION", "an empty directory, or s3://BUCKET/PREFIX"),
        .optional("scratch", "DIR", "where replicas are made (default: a temporary directory)"),
        .optional("rows", "N", "passages of the partition (default: 100000)"),
        .optional("dimension", "N", "numbers of a vector (default: 192)"),
        .optional("seconds", "N", "how long each kind of commit is measured (default: 5)"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag bench log --store /srv/bench",
    run: { arguments in
        let rows = try arguments.integer("rows", in: 1...100_000_000) ?? 100_000
        let dimension = try arguments.integer("dimension", in: 1...16_384) ?? 192
        let seconds = try arguments.integer("seconds", in: 1...3600) ?? 5
        let store = try openObjectStore(
            arguments.required("store"), environment: ProcessInfo.processInfo.environment)
        let folder = arguments.string("scratch") ?? FileManager.default.temporaryDirectory.path(percentEncoded: false)
        let scratch = "\(folder)/imprag-log-\(UUID())"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let figures = try LogBenchmark(store, scratch: scratch, dimension: dimension).run(
            rows: rows, seconds: Double(seconds)
        ) { printError($0) }
        if arguments.has("json") { return try writeLine(json(figures)) }
        try writeLine(
            """
            \(store.name), vectors of \(dimension) numbers
            commits of 1 passage    p50 \(fixed(figures.commits.p50, 2)) ms, p99 \(fixed(figures.commits.p99, 2)) ms
            commits of \(LogBenchmark.batchPassages) passages  p50 \(fixed(figures.batchCommits.p50, 2)) ms, p99 \(fixed(figures.batchCommits.p99, 2)) ms
            committed and applied   \(fixed(figures.passagesPerSecond, 0)) passages/s
            checkpoint of \(figures.rows) passages, \(figures.bytes): written in \(fixed(figures.checkpointSeconds, 2)) s, brought back in \(fixed(figures.restoreSeconds, 2)) s
            """)
    }
)

private func json(_ figures: LogBenchmark.Figures) -> String {
    var line = JSONLine()
    line.add("commit_p50_milliseconds", figures.commits.p50)
    line.add("commit_p99_milliseconds", figures.commits.p99)
    line.add("batch_passages", LogBenchmark.batchPassages)
    line.add("batch_commit_p50_milliseconds", figures.batchCommits.p50)
    line.add("batch_commit_p99_milliseconds", figures.batchCommits.p99)
    line.add("applied_passages_per_second", figures.passagesPerSecond)
    line.add("rows", figures.rows)
    line.add("checkpoint_bytes", figures.bytes.bytes)
    line.add("checkpoint_seconds", figures.checkpointSeconds)
    line.add("restore_seconds", figures.restoreSeconds)
    return line.line
}
