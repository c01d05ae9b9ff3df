import Core
import Evaluation
import Foundation
import ObjectStore

let benchCollectionCommand = Command(
    name: "bench collection",
    summary: "Makes a collection of vectors alone, to measure shards of any size with",
    discussion: """
        Makes one partition of a collection in --store from the vectors in --base, with its vector index, and writes its checkpoint;
        once all partitions are there, the collection is complete, and shards can serve it. Passages have ids, the row's number first,
        and no texts. The same command for the next partition goes on; a partition that is there already is left as it is. Benchmarks/wikipedia-size
        uses it.
        """,
    options: [
        .required("store", "LOCATION", "a directory, or s3://BUCKET/PREFIX"),
        .required("work", "DIR", "where the partition is made, and reports are kept"),
        .required("base", "X.fbin", "the partition's vectors, in BigANN's format"),
        .required("partition", "P", "its number, from 0"),
        .required("partitions", "N", "partitions of the collection"),
        .optional("first-row", "N", "the number of the first vector in the whole collection (default: 0)"),
        .optional("sample", "S.fbin", "queries to calibrate with (default: vectors of the base)"),
        .optional("fingerprint", "HEX", "of the model whose queries it is to answer (default: that of no model)"),
        .optional("recall", "X", "the recall@10 that the index aims at, 0.5 to 0.999 (default: 0.95)"),
        .optional("threads", "N", "threads of building (default: one a core)"),
        codeSizeOption("in memory"),
    ],
    example:
        "imprag bench collection --store s --work w --base base-0.fbin --partition 0 --partitions 8",
    run: { arguments in
        let partitions = try arguments.integer("partitions", in: 1...1024) ?? 1
        let partition = try arguments.integer("partition", in: 0...partitions - 1) ?? 0
        let work = arguments.required("work")
        let base = try VectorFile(path: arguments.required("base"))
        let sample = try sampleVectors(arguments, like: base)
        let store = try openObjectStore(arguments.required("store"), environment: ProcessInfo.processInfo.environment)
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        let build = CollectionBuild(
            store, work: work, partitions: partitions, fingerprint: try fingerprint(arguments),
            target: try arguments.number("recall", in: SearchOptions.recallRange) ?? 0.95,
            threads: try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount,
            codeSize: try chosenCodeSize(arguments))
        let progress = ProgressLine()
        let report = try build.run(
            partition: partition, base: base,
            firstRow: try arguments.integer("first-row", in: 0...1 << 40) ?? 0, sample: sample
        ) { text, done, total in
            progress.show("\(text): \(total > 0 ? 100 * done / total : 100) %", isImportant: done == total)
        }
        progress.finish()
        try writeLine(json(report))
    }
)

private func fingerprint(_ arguments: Arguments) throws -> Fingerprint {
    let text = arguments.string("fingerprint") ?? String(repeating: "be", count: 32)
    guard let fingerprint = Fingerprint(hex: text) else {
        throw UsageError(message: "--fingerprint is '\(text)'; 64 hexadecimal digits are right")
    }
    return fingerprint
}

private func json(_ report: CollectionBuild.Report) -> String {
    var line = JSONLine()
    line.add("partition", report.partition)
    line.add("rows", report.rows)
    line.add("seconds", report.seconds)
    line.add("write_seconds", report.writeSeconds)
    line.add("train_seconds", report.trainSeconds)
    line.add("code_seconds", report.codeSeconds)
    line.add("calibrate_seconds", report.calibrateSeconds)
    line.add("checkpoint_seconds", report.checkpointSeconds)
    line.add("checkpoint_bytes", report.checkpointBytes)
    return line.line
}
