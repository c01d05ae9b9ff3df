import Client
import Core
import Platform
import Wire

let deleteCommand = Command(
    name: "delete",
    summary: "Takes passages out of the index of a running cluster",
    discussion: """
        By their ids, as words or as the lines of a file. Ids that are not there are no error: the count says how many were.
        What is counted is gone for good, and found by no further search.
        """,
    positional: "[ID...]",
    options: [
        .optional("file", "FILE", "the ids, one a line; `-` is standard input"),
        .flag("json", "print one JSON object"),
    ] + clientOptions,
    example: "imprag delete wiki-25 wiki-26#0",
    run: { arguments in
        guard arguments.words.isEmpty == arguments.has("file") else {
            throw UsageError(message: "either ids or --file FILE is right")
        }
        let all = try arguments.string("file").map(readIDs) ?? arguments.words
        var seen: Set<ByteString> = []
        let ids = all.filter { seen.insert(ByteString($0)).inserted }
        let milliseconds = try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000
        let client = try makeClient(arguments)
        defer { client.close() }
        let interruption = try Interruption()
        var deleted = 0
        do {
            for start in stride(from: 0, to: ids.count, by: batchIDs) {
                if interruption.hasArrived {
                    throw ImpRAGError(
                        .cancelled, "stopped; what is counted is gone, and the same ids may be sent again")
                }
                deleted += try await client.delete(
                    ids: Array(ids[start..<min(start + batchIDs, ids.count)]),
                    deadline: .after(milliseconds: milliseconds))
            }
        } catch {
            if deleted > 0 { printError("before that: \(deleted) deleted") }
            throw error
        }
        if arguments.has("json") {
            var line = JSONLine()
            line.add("deleted", deleted)
            line.add("ids", ids.count)
            try writeLine(line.line)
        } else {
            try writeLine("\(deleted) of \(ids.count) deleted")
        }
    }
)

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
