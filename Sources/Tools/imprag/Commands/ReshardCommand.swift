import Core
import Foundation
import ObjectStore
import Storage

let reshardCommand = Command(
    name: "reshard",
    summary: "Spreads a collection over twice as many partitions, or another multiple, while it is in use",
    discussion: """
        DEST becomes a collection with what SOURCE holds, in N partitions: a multiple of what SOURCE has. Nothing is embedded again; vector
        indexes are made anew. SOURCE may be served and updated meanwhile. Nothing may be at DEST. After Ctrl-C, or whatever else stopped it,
        the same command goes on behind the last partition of SOURCE that is done.

        DEST then follows SOURCE: it takes no updates of its own, and each run of this command copies what SOURCE has taken since. Start a
        cluster on DEST beside that of SOURCE, with an alias that clients ask by, and when it serves run the command with --alias NAME: SOURCE
        is closed, its last updates are copied, the alias moves, DEST takes updates. No acknowledged update is lost, and none is made twice:
        clients that know the coordinators of both send what was refused in that moment again. Without --alias,
        `imprag collections set SOURCE --read-only on`, this command once more and `imprag collections set DEST --read-only off` do the same
        by hand, where requests need no alias.

        As long as DEST follows it, SOURCE keeps the snapshot reshard-N, and all of its log behind it. Locations are directories or
        s3://BUCKET/PREFIX; see `imprag store check --help`.
        """,
    positional: "SOURCE DEST",
    options: [
        Option(name: "partitions", value: "N", help: "partitions of DEST", isRequired: true),
        .optional("alias", "NAME", "end it: move this alias, beside SOURCE and DEST, to DEST"),
        .optional("threads", "N", "for vector indexes (default: the processor's)"),
        codeSizeOption("of the new vector indexes, in memory", default: "as in SOURCE"), scratchOption,
    ],
    example: "imprag reshard s3://wiki/wiki-1 s3://wiki/wiki-2 --partitions 8",
    run: { arguments in
        guard arguments.words.count == 2 else { throw UsageError(message: "SOURCE and DEST are right") }
        let (from, to) = (arguments.words[0], arguments.words[1])
        let count = try arguments.integer("partitions", in: 2...65_536) ?? 0
        let switchover = try arguments.string("alias").map { try Switchover($0, from: from, to: to) }
        let source = try CollectionPlace(from, for: .changing)
        let stored = try source.collection.manifest(deadline: .never)
        let target = try CollectionPlace(to, for: .making)
        if let switchover {
            if try switchover.isDone(stored, target.collection, partitions: count) {
                try CollectionFollow.release(source.collection, partitions: count, deadline: .never)
                return try writeLine(
                    "nothing is left to do: \(switchover.alias) stands for \(to), which takes updates, and \(from) is closed"
                )
            }
            try switchover.check()
        }
        let threads = try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
        let size = try chosenCodeSize(arguments)
        try withProgress(stopped: "stopped; the same command goes on from here") { show in
            let texts = ReshardText()
            _ = try target.withScratch(arguments) { scratch in
                try CollectionReshard(
                    of: source.collection, stored, to: target.collection, partitions: count, scratch: scratch,
                    threads: threads, codeSize: size
                ).run(deadline: .never) { (step) throws(ImpRAGError) in try show(texts.text(step)) }
            }
            let follow = try CollectionFollow(of: source.collection, to: target.collection, deadline: .never)
            func tell(_ done: Int, _ total: Int) throws(ImpRAGError) {
                try show(texts.text(.following(done: done, total: total)))
            }
            while try follow.catchUp(deadline: .never, progress: tell) > 0 {}
            guard let switchover else { return }
            try switchover.check()
            try follow.close(deadline: .never, progress: tell)
            try switchover.move()
            try follow.open(deadline: .never)
        }
        let words =
            switchover.map { "\($0.alias) stands for it, and \(from) is closed" }
            ?? "it follows \(from), and takes no updates of its own: run the same command with --alias NAME when a cluster serves it"
        try writeLine("\(to) has what \(from) has, in \(count) partitions; \(words)")
    }
)

/// The move of the alias.
private struct Switchover {
    let alias: String
    private let aliases: CollectionAliases
    private let old: String
    private let new: String

    init(_ alias: String, from: String, to: String) throws {
        guard let old = CollectionLocation(from), let new = CollectionLocation(to), old.root == new.root else {
            throw UsageError(
                message: "--alias needs SOURCE and DEST beside each other, as s3://wiki/wiki-1 and s3://wiki/wiki-2")
        }
        self.alias = alias
        (self.old, self.new) = (old.name, new.name)
        aliases = CollectionAliases(try CollectionPlace(old.root, for: .changing).store)
    }

    /// Throws unless the alias stands for the old collection, for nothing, or after an earlier run for the new one.
    func check() throws {
        let now = try aliases.collection(of: alias, deadline: .never)
        guard now == nil || now == old || now == new else {
            throw ImpRAGError(
                .failedPrecondition,
                "the alias \(alias) stands for \(now ?? ""), and not for \(old); nothing was switched")
        }
    }

    /// Whether an earlier run has done all of it, but perhaps what comes behind the opening of the new collection.
    func isDone(_ old: StoredManifest, _ target: StoredCollection, partitions: Int) throws -> Bool {
        guard old.manifest.isClosed == true, try aliases.collection(of: alias, deadline: .never) == new else {
            return false
        }
        let there = try target.manifest(deadline: .never)
        return there.identity.partitionCount == partitions && there.manifest.follows == nil
            && there.manifest.isClosed != true
    }

    func move() throws {
        let now = try aliases.collection(of: alias, deadline: .never)
        _ = try aliases.set(alias, to: new, expecting: now, deadline: .never)
    }
}

/// Steps as one line for people, with rates.
private final class ReshardText {
    private var start = ContinuousClock.now
    private var first: Int?

    func text(_ step: ReshardProgress) -> String {
        switch step {
        case .recovering(let progress): return progress.text
        case .splitting(let done, let total): return rate(done, total, "passages")
        case .indexing(let partition, let count, let step, let done, let total):
            return "new partition \(partition) of \(count): \(step.rawValue), \(100 * done / max(1, total)) %"
        case .writing(let partition, let count): return "new partition \(partition) of \(count): writing its checkpoint"
        case .following(let done, let total): return "\(done) of \(total) epochs of the log copied"
        }
    }

    /// What an earlier run did does not count for the rate.
    private func rate(_ done: Int, _ total: Int, _ unit: String) -> String {
        if first == nil { (first, start) = (done, .now) }
        let seconds = milliseconds(ContinuousClock.now - start) / 1000
        let rate = Double(done - (first ?? 0)) / max(seconds, 1e-9)
        guard rate > 0 else { return "\(done) of \(total) \(unit)" }
        return "\(done) of \(total) \(unit), \(fixed(rate, 0)) \(unit)/s, "
            + "\(readable(seconds: Double(total - done) / rate)) left"
    }
}
