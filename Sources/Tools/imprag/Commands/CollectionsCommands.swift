import Core
import Storage

private let locations = """
    A LOCATION is a directory, as of an index, or s3://BUCKET/PREFIX; see `imprag store check --help`.
    """

let collectionsListCommand = Command(
    name: "collections list",
    summary: "Lists the collections of a directory or bucket",
    discussion: """
        All that lie in LOCATION, however deep: their names below it, passages when they were indexed, partitions, model, the newest epoch of
        the log, the epochs of the checkpoints that count, and the room that checkpoints and log take. One that cannot be read is listed with
        what is wrong, and makes the exit code 1. \(locations)
        """,
    positional: "LOCATION",
    options: [.flag("json", "print one JSON object")],
    example: "imprag collections list s3://wiki",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        let place = try CollectionPlace(arguments.words[0], for: .existing)
        let collections = try CollectionList(place.store, deadline: .never).collections()
        if arguments.has("json") {
            var line = JSONLine()
            line.add("collections", collections.map(json))
            try writeLine(line.line)
        } else if collections.isEmpty {
            try writeLine("no collections in \(place.location)")
        } else {
            let header = ["name", "passages", "partitions", "model", "epoch", "checkpoints", "size"]
            let readable = collections.compactMap(row)
            if !readable.isEmpty { try writeLine(table([header] + readable)) }
        }
        let damaged = collections.compactMap { collection -> String? in
            guard case .failure(let error) = collection.figures else { return nil }
            return "\(shownName(collection)): \(error.message)"
        }
        guard damaged.isEmpty else { throw ImpRAGError(.dataLoss, damaged.joined(separator: "\n")) }
    }
)

private func shownName(_ collection: ListedCollection) -> String { collection.name.isEmpty ? "." : collection.name }

private func row(_ collection: ListedCollection) -> [String]? {
    guard case .success(let figures) = collection.figures else { return nil }
    let checkpoints = figures.manifest.partitions.map(\.checkpoint)
    let (first, last) = (checkpoints.min() ?? 0, checkpoints.max() ?? 0)
    return [
        shownName(collection), String(figures.manifest.passages), String(checkpoints.count),
        TerminalText.visible(figures.manifest.model), String(figures.epoch),
        first == last ? String(first) : "\(first) to \(last)", ByteCount(figures.bytes).description,
    ]
}

private func json(_ collection: ListedCollection) -> JSONLine {
    var line = JSONLine()
    line.add("name", shownName(collection))
    switch collection.figures {
    case .success(let figures):
        line.add("collection", figures.manifest.collection)
        line.add("passages", figures.manifest.passages)
        line.add("partitions", figures.manifest.partitions.count)
        line.add("model", figures.manifest.model)
        line.add("fingerprint", figures.manifest.fingerprint)
        line.add("epoch", figures.epoch)
        line.add("checkpoints", figures.manifest.partitions.map(\.checkpoint))
        line.add("bytes", figures.bytes)
        line.add("takes_updates", figures.manifest.takesUpdates)
        line.add("retention_seconds", figures.manifest.retention ?? 0)
    case .failure(let error): line.add("problem", error.message)
    }
    return line
}

let collectionsCreateCommand = Command(
    name: "collections create",
    summary: "Makes a collection of an index, in another directory or a bucket",
    discussion: """
        The new one holds what the index in --from has now, with all updates that were acknowledged, and has an id of its own: both may be
        served and updated afterwards, each for itself. The index may be in use meanwhile. Nothing may be at LOCATION. It becomes a collection
        at the very end; after Ctrl-C, or whatever else stopped it, the same command goes on with the next partition. \(locations)
        """,
    positional: "LOCATION",
    options: [
        .required("from", "LOCATION", "the index: a directory, or another collection"), retentionOption, scratchOption,
    ],
    example: "imprag collections create s3://wiki/production --from index",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        let retention = try retention(arguments)
        let place = try copyCollection(from: arguments.required("from"), .newest, to: arguments.words[0], arguments)
        if let retention { try place.collection.setRetention(seconds: retention, deadline: .never) }
    }
)

let collectionsSetCommand = Command(
    name: "collections set",
    summary: "Changes how long a collection can go back, or whether it takes updates",
    discussion: """
        --retention keeps checkpoints that newer ones replace, and the log behind them, for as long: `imprag restore --at` goes back to any
        moment of that time. It holds from now on: what is deleted already does not come back. --read-only on refuses updates through whichever
        coordinator, at once, so that what the collection holds can be taken elsewhere; searches and answers go on. Nodes need no restart.
        \(locations)
        """,
    positional: "LOCATION",
    options: [
        retentionOption, .optional("read-only", "on|off", "on: take no updates any more; off: take them"),
    ],
    example: "imprag collections set s3://wiki/production --retention 24h",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        let (retention, switched) = (try retention(arguments), arguments.string("read-only"))
        guard switched.map(["on", "off"].contains) ?? true else {
            throw UsageError(message: "--read-only is '\(switched ?? "")'; on or off is right")
        }
        guard retention != nil || switched != nil else {
            throw UsageError(message: "--retention or --read-only is missing")
        }
        let collection = try CollectionPlace(arguments.words[0], for: .changing).collection
        if let retention { try collection.setRetention(seconds: retention, deadline: .never) }
        if let switched { try collection.setClosed(switched == "on", deadline: .never) }
        let manifest = try collection.manifest(deadline: .never).manifest
        try writeLine(
            "\(arguments.words[0]) \(manifest.takesUpdates ? "takes updates" : "takes no updates"), and goes back "
                + (manifest.retention.map { "\(readable(seconds: Double($0)))" } ?? "to its last checkpoints"))
    }
)

let collectionsDeleteCommand = Command(
    name: "collections delete",
    summary: "Deletes a collection for good, with its checkpoints and its log",
    discussion: """
        Stop the clusters that serve it first; in a directory, replicas that a node has open are noticed, and nothing is deleted then. The
        manifest goes first: from then on nobody commits to it. In a directory the replicas go too. What is not of the collection stays. After
        Ctrl-C the same command goes on. There is no way back. \(locations)
        """,
    positional: "LOCATION",
    options: [.flag("yes", "that it is meant")],
    example: "imprag collections delete s3://wiki/old --yes",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        guard arguments.has("yes") else {
            throw UsageError(
                message:
                    "this deletes all of \(arguments.words[0]), and there is no way back; --yes says that it is meant")
        }
        let place = try CollectionPlace(arguments.words[0], for: .existing)
        if let directory = place.directory { try IndexDirectory.requireUnused(directory) }
        let deleted = try withProgress(stopped: "stopped; the same command deletes the rest") { show in
            try place.collection.delete(deadline: .never) { (deleted) throws(ImpRAGError) in
                try show("\(deleted.count) objects, \(ByteCount(deleted.bytes)) deleted")
            }
        }
        if let directory = place.directory { try IndexDirectory.removeReplicas(in: directory) }
        try writeLine("deleted \(place.location): \(deleted.count) objects, \(ByteCount(deleted.bytes))")
    }
)
