import Core
import Storage

let restoreCommand = Command(
    name: "restore",
    summary: "Makes a new collection with what another one held at an epoch",
    discussion: """
        LOCATION stays as it is. Without --snapshot, --epoch and --at, the new one holds all that the other has now. An epoch can be restored as
        long as there are checkpoints not after it and the log behind them: since the last checkpoints, for as long as the collection's retention
        says (`imprag collections set`), and since those that snapshots keep. The new collection has an id of its own, goes on with the epoch's number, and has no snapshots. In a directory, `imprag up --index` serves it at
        once.

        Nothing may be at --to. It becomes a collection at the very end; after Ctrl-C, or whatever else stopped it, the same command goes on
        with the next partition (without --snapshot, --epoch and --at: unless there were updates meanwhile). Locations are directories or
        s3://BUCKET/PREFIX; see `imprag store check --help`.
        """,
    positional: "LOCATION",
    options: [
        .required("to", "LOCATION", "the new collection's directory or bucket"),
        .optional("snapshot", "NAME", "what this snapshot keeps"),
        .optional("epoch", "N", "what the log made of it up to this epoch"),
        .optional("at", "TIME", "what it held then, as in 2026-11-29T12:00:00Z; an epoch's number is right too"),
        scratchOption,
    ],
    example: "imprag restore s3://wiki/production --snapshot before-cleanup --to s3://wiki/restored",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        var wish = RestoreWish.newest
        guard ["snapshot", "epoch", "at"].filter(arguments.has).count <= 1 else {
            throw UsageError(message: "one of --snapshot, --epoch and --at is right")
        }
        if let name = arguments.string("snapshot") { wish = .snapshot(name) }
        if let text = arguments.string("at") {
            if Int(text) != nil, let epoch = try arguments.integer("at", in: 0...1 << 53) {
                wish = .epoch(epoch)
            } else if let time = TimeText.milliseconds(text) {
                wish = .time(time)
            } else {
                throw UsageError(message: "--at is '\(text)'; a time as in 2026-11-29T12:00:00Z or an epoch is right")
            }
        }
        if let epoch = try arguments.integer("epoch", in: 0...1 << 53) { wish = .epoch(epoch) }
        _ = try copyCollection(from: arguments.words[0], wish, to: arguments.required("to"), arguments)
    }
)

/// Makes the collection at `location` of the one at `origin`, says so, and returns its place.
func copyCollection(
    from origin: String, _ wish: RestoreWish, to location: String, _ arguments: Arguments
) throws -> CollectionPlace {
    let source = try CollectionPlace(origin, for: .existing)
    let stored = try source.collection.manifest(deadline: .never)
    let point = try source.collection.restorePoint(wish, of: stored, deadline: .never)
    let target = try CollectionPlace(location, for: .making)
    let new = try target.withScratch(arguments) { scratch in
        try withProgress(stopped: "stopped; there is no collection yet, and the same command goes on from here") {
            show in
            try CollectionCopy(of: source.collection, stored, at: point, to: target.collection, scratch: scratch).run(
                deadline: .never
            ) { (progress) throws(ImpRAGError) in try show(progress.text) }
        }
    }
    try writeLine(
        "\(location) is the collection \(new.manifest.collection): \(origin) at epoch \(point.epoch), in "
            + "\(new.manifest.partitions.count) partitions")
    return target
}
