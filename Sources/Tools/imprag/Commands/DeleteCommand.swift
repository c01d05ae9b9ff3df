import Client
import Core
import Platform
import Wire

let deleteCommand = Command(
    name: "delete",
    summary: "Takes passages out of the index of a running cluster",
    discussion: """
        By their ids, as words or as the lines of a file. Ids that are not there are no error; of a document that was cut into
        passages only ID#0, ID#1, … are there. The ids go in batches, each of which becomes part of one epoch of the
        collection's log; the last line names the last epoch. What is acknowledged stays
        deleted. Searches no longer find it once their shards have applied the epoch, usually within moments; --wait found waits
        for that and says how many were there. After an error the last batch may have been deleted or not; the same ids may be
        sent again.
        """,
    positional: "[ID...]",
    options: [
        .optional("file", "FILE", "the ids, one a line; `-` is standard input"),
        .flag("json", "print one JSON object"),
    ] + updateOptions + clientOptions,
    example: "imprag delete wiki-25 wiki-26#0",
    run: { arguments in
        guard arguments.words.isEmpty == arguments.has("file") else {
            throw UsageError(message: "either ids or --file FILE is right")
        }
        let all = try arguments.string("file").map(readIDs) ?? arguments.words
        var seen: Set<ByteString> = []
        let ids = all.filter { seen.insert(ByteString($0)).inserted }
        let wait = try updateWait(arguments)
        let milliseconds = try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000
        let client = try makeClient(arguments)
        defer { client.close() }
        let interruption = try Interruption()
        var deletion = Deletion(wait: wait, idCount: ids.count)
        do {
            for start in stride(from: 0, to: ids.count, by: batchIDs) {
                if interruption.hasArrived {
                    throw ImpRAGError(
                        .cancelled, "stopped; what was acknowledged stays deleted, and the same ids may be sent again")
                }
                let batch = Array(ids[start..<min(start + batchIDs, ids.count)])
                deletion.add(
                    try await client.delete(ids: batch, wait: wait, deadline: .after(milliseconds: milliseconds)),
                    idCount: batch.count)
            }
        } catch {
            if deletion.taken > 0 { printError("before that: \(deletion.summary)") }
            throw error
        }
        try writeLine(arguments.has("json") ? deletion.json.line : deletion.summary)
    }
)

/// What has been acknowledged of a deletion.
private struct Deletion {
    let wait: UpdateWait
    /// Ids in all.
    let idCount: Int
    /// Ids acknowledged.
    private(set) var taken = 0
    /// The last epoch.
    private var epoch = 0
    /// Passages that were there; counted only when `wait` is `found`.
    private var deleted = 0

    init(wait: UpdateWait, idCount: Int) {
        self.wait = wait
        self.idCount = idCount
    }

    mutating func add(_ reply: DeleteReply, idCount: Int) {
        taken += idCount
        epoch = reply.epoch
        deleted += reply.deleted
    }

    var summary: String {
        guard taken > 0 else { return "no ids" }
        switch wait {
        case .durable:
            return
                "the deletion of \(taken) \(taken == 1 ? "id" : "ids") is durable at epoch \(epoch); searches no longer find "
                + (taken == 1 ? "it once its shards have" : "them once their shards have")
                + " applied it (--wait found waits for that, and says how many were there)"
        case .found: return "epoch \(epoch): \(deleted) of \(taken) deleted"
        }
    }

    /// What is not known is absent.
    var json: JSONLine {
        var line = JSONLine()
        if wait == .found { line.add("deleted", deleted) }
        line.add("ids", idCount)
        if taken > 0 { line.add("epoch", epoch) }
        line.add("found", wait == .found)
        return line
    }
}

/// Ids per request.
private let batchIDs = 500

/// The lines of `file` that are not blank.
private func readIDs(_ file: String) throws -> [String] {
    var lines = try file == "-" ? FileLineReader(FileByteReader.standardInput()) : FileLineReader(path: file)
    let name = file == "-" ? "standard input" : file
    var ids: [String] = []
    while let line = try lines.next() {
        if line.isBlank { continue }
        let text = try line.text(in: name)
        guard !text.utf8.dropLast().contains(0x0D) else {
            throw ImpRAGError(
                .invalidArgument,
                "\(line.place(in: name)): the line holds a carriage return; lines end in LF or CR LF, and no id of such a file has one"
            )
        }
        // A file edited elsewhere may end its lines with CR LF; no id is meant to end in CR.
        let id = text.utf8.last == 0x0D ? String(text.dropLast()) : text
        guard id.utf8.count <= Passage.idByteLimit else {
            throw ImpRAGError(
                .invalidArgument,
                "\(line.place(in: name)): the id has \(id.utf8.count) bytes; at most \(Passage.idByteLimit) are allowed"
            )
        }
        ids.append(id)
    }
    return ids
}
