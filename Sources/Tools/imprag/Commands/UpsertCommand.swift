import Client
import Core
import Indexing
import Wire

let upsertCommand = Command(
    name: "upsert",
    summary: "Puts passages into the index of a running cluster, or replaces them",
    discussion: """
        JSON lines as `imprag index` takes them: id, text, and optionally title and metadata. A passage whose id is there
        already is replaced. What is counted is durable and found by the next search. A bad line ends the command, named with
        its file and line; the lines before it whose batches were acknowledged have been taken, and the same file may be
        sent again. A batch that the shards have no room for, because of a full disk or because their lists are being built, is
        tried again until --deadline is over.

        Texts are not cut, unless --words is given: then as `imprag index` cuts them, into ID#0, ID#1, …; pieces of an
        earlier, longer text stay until they are deleted.
        """,
    options: [
        .required("file", "FILE", "the passages; `-` is standard input"),
        .optional("words", "N", "cut texts into passages of at most N words (default: 0, never)"),
        .flag("json", "print one JSON object"),
    ] + clientOptions,
    example: "imprag upsert --file new-passages.jsonl",
    run: { arguments in
        let words = try arguments.integer("words", in: 0...1_000_000) ?? 0
        var corpus = try CorpusReader(
            files: [arguments.required("file")], format: .jsonl, splitter: PassageSplitter(wordsPerPassage: words))
        let milliseconds = try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000
        let client = try makeClient(arguments)
        defer { client.close() }
        var upsert = Upsert(client: client, milliseconds: milliseconds, interruption: try Interruption())
        do {
            // Only pieces can have the id of another document.
            var pieces = PieceCheck()
            while let document = try corpus.next() {
                if words > 0 { try pieces.add(document) }
                for passage in document.passages { try await upsert.add(passage, document.place) }
            }
            try await upsert.send()
        } catch {
            upsert.progress.finish()
            if upsert.taken > 0 { printError("before that: \(upsert.summary)") }
            throw error
        }
        upsert.progress.finish()
        if let warning = cutWarning(upsert.cut, of: upsert.taken) { printError(warning) }
        if arguments.has("json") {
            var line = JSONLine()
            line.add("inserted", upsert.inserted)
            line.add("replaced", upsert.replaced)
            line.add("cut", upsert.cut)
            try writeLine(line.line)
        } else {
            try writeLine(upsert.summary)
        }
    }
)

/// Passages on their way to the cluster, in batches.
private struct Upsert {
    let client: ClusterClient
    /// The deadline of each batch.
    let milliseconds: Int
    let interruption: Interruption
    let progress = ProgressLine()
    private(set) var inserted = 0
    private(set) var replaced = 0
    /// Passages among these that the model does not read to their ends.
    private(set) var cut = 0
    private let start = ContinuousClock.now
    private var batch: [Passage] = []
    private var batchBytes = 0
    private var ids: Set<ByteString> = []

    /// Passages per request; half of what the coordinator accepts.
    private static let batchPassages = 64
    private static let batchByteLimit = 4 << 20
    /// The pause between two attempts at one batch.
    private static let pauseMilliseconds = 500

    init(client: ClusterClient, milliseconds: Int, interruption: Interruption) {
        self.client = client
        self.milliseconds = milliseconds
        self.interruption = interruption
    }

    var taken: Int { inserted + replaced }

    var summary: String { "\(inserted) inserted, \(replaced) replaced" }

    /// - Parameter place: where the passage was found, as in `wiki.jsonl:17`.
    mutating func add(_ passage: Passage, _ place: String) async throws {
        let problems = passage.problems
        guard problems.isEmpty else {
            throw ImpRAGError(.invalidArgument, "\(place): \(problems.joined(separator: "; "))")
        }
        // An id twice in one file means the same as in two files: the last one counts.
        let bytes = passage.byteCount
        if batch.count == Self.batchPassages || batchBytes + bytes > Self.batchByteLimit
            || ids.contains(ByteString(passage.id))
        {
            try await send()
        }
        batch.append(passage)
        batchBytes += bytes
        ids.insert(ByteString(passage.id))
    }

    mutating func send() async throws {
        guard !batch.isEmpty else { return }
        if interruption.hasArrived {
            throw ImpRAGError(
                .cancelled, "stopped; what is counted is in the index, and the same file may be sent again")
        }
        let reply = try await accepted()
        inserted += reply.inserted
        replaced += reply.replaced
        cut += reply.cut
        batch = []
        batchBytes = 0
        ids = []
        let seconds = imprag.milliseconds(ContinuousClock.now - start) / 1000
        let (text, rate) = (summary, Double(taken) / max(seconds, 1e-9))
        progress.show("\(text), \(fixed(rate, 0)) passages/s")
    }

    /// Sends the batch; retries until its deadline while the cluster has no room for it.
    private func accepted() async throws -> UpsertReply {
        let deadline = Deadline.after(milliseconds: milliseconds)
        var isTold = false
        while true {
            let failure: ImpRAGError
            do throws(ImpRAGError) {
                return try await client.upsert(batch, deadline: deadline)
            } catch {
                failure = error
            }
            let hasTime = deadline.remainingMilliseconds > Self.pauseMilliseconds && !interruption.hasArrived
            guard failure.code == .resourceExhausted, hasTime else { throw failure }
            if !isTold { printError("waiting for room: \(failure.message)") }
            isTold = true
            try await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
        }
    }
}
