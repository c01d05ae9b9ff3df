import Core
import Storage

let verifyCommand = Command(
    name: "verify",
    summary: "Reads all of a collection, and says what is damaged or missing",
    discussion: """
        Every checksum of the manifest, of the checkpoints that count or that a snapshot keeps, and of the log behind them; counts of passages
        where files hold them; epochs that are missing. In a directory also its replicas, but those that a node has open. Each object that is
        not as it was written is named with what is wrong, and the exit code is 1. Objects that nothing names are no damage; they are counted.

        --deep brings every partition back from its checkpoints, one at a time, counts its rows and applies the log. Nothing is changed. The
        collection may be in use. LOCATION is a directory, as of an index, or s3://BUCKET/PREFIX; see `imprag store check --help`.
        """,
    positional: "LOCATION",
    options: [
        .flag("deep", "also count rows, and apply the log"), scratchOption, .flag("json", "print one JSON object"),
    ],
    example: "imprag verify s3://wiki/production",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        guard arguments.has("deep") || !arguments.has("scratch") else {
            throw UsageError(message: "--scratch is about --deep, which is not given")
        }
        let place = try CollectionPlace(arguments.words[0], for: .existing)
        let report = try withProgress(stopped: "stopped; nothing is known about what was not read yet") { show in
            try withoutActuallyEscaping(show) { show in try verify(place, arguments, show) }
        }
        if arguments.has("json") {
            try writeLine(json(report).line)
        } else {
            for problem in report.problems { try writeLine(TerminalText.visible(problem.what)) }
            try writeLine(summary(report, place.location))
        }
        guard report.problems.isEmpty else {
            let count = report.problems.count
            throw ImpRAGError(
                .dataLoss,
                "\(count == 1 ? "one thing is" : "\(count) things are") damaged or missing in \(place.location)")
        }
    }
)

private func verify(
    _ place: CollectionPlace, _ arguments: Arguments,
    _ show: @escaping (@autoclosure () -> String) throws(ImpRAGError) -> Void
) throws -> VerificationReport {
    let collection = place.collection
    var verifier = CollectionVerifier(collection, deadline: .never) { (done, total) throws(ImpRAGError) in
        try show(total > 0 ? "\(ByteCount(done)) of \(ByteCount(total)) read" : "looking at what is there")
    }
    var report = try verifier.run()
    // Rows of what is damaged say nothing.
    guard report.problems.isEmpty else { return report }
    if let directory = place.directory {
        let stored = try collection.manifest(deadline: .never)
        try report.verifyReplicas(of: IndexDirectory(replicasIn: directory, of: stored)) {
            (partition) throws(ImpRAGError) in try show("reading the replica of partition \(partition)")
        }
    }
    if arguments.has("deep") {
        try place.withScratch(arguments) { scratch in
            try report.verifyRows(of: collection, scratch: scratch, deadline: .never) {
                (progress) throws(ImpRAGError) in try show(progress.text)
            }
        }
    }
    return report
}

private func summary(_ report: VerificationReport, _ location: String) -> String {
    var lines: [String] = []
    if let manifest = report.manifest {
        lines.append(
            "\(location) is the collection \(manifest.collection) at epoch \(report.epoch ?? 0): \(manifest.passages) passages when it was "
                + "indexed, \(manifest.partitions.count) partitions, \(manifest.snapshots?.count ?? 0) snapshots")
    }
    let replicas = report.replicas > 0 ? ", \(report.replicas) replicas" : ""
    lines.append(
        "\(report.checkpoints) checkpoints, \(report.segments) segments\(replicas): \(ByteCount(report.bytes)) read, "
            + (report.problems.isEmpty ? "all as they were written" : "\(report.problems.count) problems"))
    if !report.replicasInUse.isEmpty {
        lines.append("not read, because a node has them open: \(report.replicasInUse.joined(separator: ", "))")
    }
    if report.orphans.count > 0 {
        let more = report.orphans.count > report.orphanKeys.count ? ", …" : ""
        lines.append(
            "\(report.orphans.count) objects, \(ByteCount(report.orphans.bytes)), are named by nothing: "
                + report.orphanKeys.joined(separator: ", ") + more)
    }
    return lines.joined(separator: "\n")
}

private func json(_ report: VerificationReport) -> JSONLine {
    var line = JSONLine()
    line.add("ok", report.problems.isEmpty)
    if let manifest = report.manifest {
        line.add("collection", manifest.collection)
        line.add("passages", manifest.passages)
        line.add("partitions", manifest.partitions.count)
        line.add("snapshots", manifest.snapshots?.map(\.name) ?? [])
    }
    if let epoch = report.epoch { line.add("epoch", epoch) }
    line.add("checkpoints", report.checkpoints)
    line.add("segments", report.segments)
    line.add("bytes", report.bytes)
    line.add("replicas", report.replicas)
    line.add("replicas_in_use", report.replicasInUse)
    line.add(
        "problems",
        report.problems.map { problem in
            var line = JSONLine()
            line.add("object", problem.object)
            line.add("problem", problem.what)
            return line
        })
    var orphans = JSONLine()
    orphans.add("objects", report.orphans.count)
    orphans.add("bytes", report.orphans.bytes)
    orphans.add("keys", report.orphanKeys)
    line.add("orphans", orphans)
    return line
}
