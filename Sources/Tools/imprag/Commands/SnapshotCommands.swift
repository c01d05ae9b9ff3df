import Core
import Storage

private let location = "LOCATION is a directory, as of an index, or s3://BUCKET/PREFIX; see `imprag store check --help`."

let snapshotCreateCommand = Command(
    name: "snapshot create",
    summary: "Gives a collection's newest epoch a name, which keeps it",
    discussion: """
        What the collection holds now can be restored as long as the name is there: the checkpoints that count now and the log behind them are
        not deleted. That costs their room, once newer checkpoints count. NAME has 1 to 64 letters, digits, '-', '_' and '.'. \(location)
        """,
    positional: "LOCATION NAME",
    options: [.flag("json", "print one JSON object")],
    example: "imprag snapshot create s3://wiki/production before-cleanup",
    run: { arguments in
        let (place, name) = try named(arguments)
        let snapshot = try place.collection.createSnapshot(name, deadline: .never)
        try writeLine(
            arguments.has("json")
                ? json(snapshot).line : "\(place.location) at epoch \(snapshot.epoch) is kept as \(snapshot.name)")
    }
)

let snapshotListCommand = Command(
    name: "snapshot list",
    summary: "Lists a collection's snapshots",
    discussion: "Their names, their epochs, and the epochs of the checkpoints that they keep. \(location)",
    positional: "LOCATION",
    options: [.flag("json", "print one JSON object")],
    example: "imprag snapshot list s3://wiki/production",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        let place = try CollectionPlace(arguments.words[0], for: .reading)
        let snapshots = try place.collection.manifest(deadline: .never).manifest.snapshots ?? []
        if arguments.has("json") {
            var line = JSONLine()
            line.add("snapshots", snapshots.map(json))
            return try writeLine(line.line)
        }
        guard !snapshots.isEmpty else { return try writeLine("no snapshots of \(place.location)") }
        try writeLine(
            table(
                [["name", "epoch", "checkpoints"]]
                    + snapshots.map { snapshot in
                        let (first, last) = (snapshot.checkpoints.min() ?? 0, snapshot.checkpoints.max() ?? 0)
                        return [
                            snapshot.name, String(snapshot.epoch), first == last ? String(first) : "\(first) to \(last)",
                        ]
                    }))
    }
)

let snapshotDeleteCommand = Command(
    name: "snapshot delete",
    summary: "Takes a snapshot's name away, and deletes what only it kept",
    discussion: "The collection itself stays as it is. \(location)",
    positional: "LOCATION NAME",
    options: [],
    example: "imprag snapshot delete s3://wiki/production before-cleanup",
    run: { arguments in
        let (place, name) = try named(arguments)
        let count = try place.collection.deleteSnapshot(name, deadline: .never)
        try writeLine("the snapshot \(name) of \(place.location) is gone, and \(count) objects that only it kept")
    }
)

private func named(_ arguments: Arguments) throws -> (CollectionPlace, name: String) {
    guard arguments.words.count == 2 else { throw UsageError(message: "LOCATION and NAME are right") }
    return (try CollectionPlace(arguments.words[0], for: .changing), arguments.words[1])
}

private func json(_ snapshot: IndexManifest.Snapshot) -> JSONLine {
    var line = JSONLine()
    line.add("name", snapshot.name)
    line.add("epoch", snapshot.epoch)
    line.add("checkpoints", snapshot.checkpoints)
    return line
}
