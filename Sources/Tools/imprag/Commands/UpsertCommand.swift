import Client
import Core
import Indexing
import Wire

let upsertCommand = Command(
    name: "upsert",
    summary: "Puts passages into the index of a running cluster, or replaces them",
    discussion: """
        JSON lines as `imprag index` takes them: id, text, and optionally title and metadata. A passage whose id is there
        already is replaced; of several with one id, the last one counts. The passages go in batches, each of which becomes part of one epoch of the collection's log, all or
        nothing; the last line names the last epoch. What is acknowledged cannot be lost. Searches find it once their shards have
        applied the epoch, usually within moments; --wait found waits for that, batch by batch, and counts, and
        `imprag search --min-epoch` waits when it searches.

        A bad line ends the command, named with its file and line; the lines before it whose batches were acknowledged have been
        taken. After an error the last batch may have been taken or not; the same file may be sent again. A batch that the cluster
        has no room for is tried again until --deadline is over.

        Texts are not cut, unless --words is given: then as `imprag index` cuts them, into ID#0, ID#1, …; pieces of an
        earlier, longer text stay until they are deleted.
        """,
    options: [
        .required("file", "FILE", "the passages; `-` is standard input"),
        .optional("words", "N", "cut texts into passages of at most N words (default: 0, never)"),
        .flag("json", "print one JSON object"),
    ] + updateOptions + clientOptions,
    example: "imprag upsert --file new-passages.jsonl",
    run: { arguments in
        let words = try arguments.integer("words", in: 0...1_000_000) ?? 0
        let wait = try updateWait(arguments)
        var corpus = try CorpusReader(
            files: [arguments.required("file")], format: .jsonl, splitter: PassageSplitter(wordsPerPassage: words))
        let milliseconds = try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000
        let client = try makeClient(arguments)
        defer { client.close() }
        var upsert = Upsert(client: client, wait: wait, milliseconds: milliseconds, interruption: try Interruption())
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
        try writeLine(arguments.has("json") ? upsert.json.line : upsert.summary)
    }
)

/// Passages on their way to the cluster, in batches.
private struct Upsert {
    let client: ClusterClient
    let wait: UpdateWait
    /// The deadline of each batch.
    let milliseconds: Int
    let interruption: Interruption
    let progress = ProgressLine()
    /// Passages acknowledged.
    private(set) var taken = 0
    /// Passages among these that the model does not read to their ends.
    private(set) var cut = 0
    /// The last epoch.
    private var epoch = 0
    /// Counted only when `wait` is `found`.
    private var inserted = 0
    private var replaced = 0
    private let start = ContinuousClock.now
    private var batch: [Passage] = []
    private var batchBytes = 0
    private var ids: Set<ByteString> = []

    /// Passages per request; half of what the coordinator accepts.
    private static let batchPassages = 64
    private static let batchByteLimit = 4 << 20
    /// The pause between two attempts at one batch.
    private static let pauseMilliseconds = 500

    init(client: ClusterClient, wait: UpdateWait, milliseconds: Int, interruption: Interruption) {
        self.client = client
        self.wait = wait
        self.milliseconds = milliseconds
        self.interruption = interruption
    }

    var summary: String {
        guard taken > 0 else { return "no passages" }
        switch wait {
        case .durable:
            return "\(taken) \(taken == 1 ? "passage is" : "passages are") durable at epoch \(epoch); searches find "
                + (taken == 1 ? "it once its shards have" : "them once their shards have")
                + " applied it (--wait found waits for that)"
        case .found:
            return "epoch \(epoch): \(inserted) \(inserted == 1 ? "passage" : "passages") new, \(replaced) replaced"
        }
    }

    /// What is not known is absent.
    var json: JSONLine {
        var line = JSONLine()
        line.add("passages", taken)
        if wait == .found {
            line.add("inserted", inserted)
            line.add("replaced", replaced)
        }
        line.add("cut", cut)
        if taken > 0 { line.add("epoch", epoch) }
        line.add("found", wait == .found)
        return line
    }

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
                .cancelled, "stopped; what was acknowledged stays, and the same file may be sent again")
        }
        let reply = try await accepted()
        taken += batch.count
        cut += reply.cut
        epoch = reply.epoch
        inserted += reply.inserted
        replaced += reply.replaced
        batch = []
        batchBytes = 0
        ids = []
        let seconds = imprag.milliseconds(ContinuousClock.now - start) / 1000
        let (count, epoch, rate) = (taken, epoch, Double(taken) / max(seconds, 1e-9))
        progress.show("\(count) passages, epoch \(epoch), \(fixed(rate, 0)) passages/s")
    }

    /// Sends the batch; retries until its deadline while the cluster has no room for it.
    private func accepted() async throws -> UpsertReply {
        let deadline = Deadline.after(milliseconds: milliseconds)
        let key = UpdateKey.random()
        var isTold = false
        while true {
            let failure: ImpRAGError
            do throws(ImpRAGError) {
                return try await client.upsert(batch, wait: wait, key: key, deadline: deadline)
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
