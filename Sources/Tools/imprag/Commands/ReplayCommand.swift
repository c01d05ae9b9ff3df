import Client
import Core
import Platform
import Storage
import Wire

let replayCommand = Command(
    name: "replay",
    summary: "Computes an answer again from its receipt, and compares every bit",
    discussion: """
        RECEIPT is what `imprag ask --receipt` has written; \"receipt\" in an answer of the gateway is one too. The cluster is asked the same, with
        the same seed, once it has what it had then. The exit code is 0 when passages, scores and answer are the same bit for bit; else it is 1,
        and what differs is said, or what is gone: the model, the collection, a passage. An index that went on may answer otherwise; --store
        says whether the epoch that was searched is still kept, and how to serve it. An answer of a copy of the collection, as `imprag restore` makes them, is the
        same when its bits are.
        """,
    positional: "RECEIPT",
    options: [
        .flag("json", "print one JSON object"),
        .optional(
            "store", "LOCATION",
            "the collection's directory or bucket: where the answer differs, look for its epoch there"),
    ] + clientOptions,
    example: "imprag replay answer.json",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one RECEIPT is right") }
        let path = arguments.words[0]
        let file = try SmallFile(path: path, limit: AnswerReceipt.byteLimit)
        let receipt = try AnswerReceipt(file.bytes, name: path)
        let client = try makeClient(arguments)
        defer { client.close() }
        let replayed = try await replay(receipt, client, deadline(arguments))
        let isSame = replayed.differences.isEmpty
        let notes = replayed.notes + (isSame ? [] : [wayBack(receipt, arguments.string("store"))])
        if arguments.has("json") {
            var line = JSONLine()
            line.add("same", isSame)
            line.add("differences", replayed.differences)
            line.add("notes", notes)
            try writeLine(line.line)
        } else {
            if isSame {
                let (passages, tokens) = (receipt.passages.count, receipt.tokens.count)
                try writeLine(
                    "the same: \(passages) \(passages == 1 ? "passage, its score" : "passages, their scores"), and "
                        + "\(tokens) \(tokens == 1 ? "token" : "tokens")")
            }
            for line in replayed.differences + notes { try writeLine(TerminalText.visible(line)) }
        }
        guard isSame else {
            throw ImpRAGError(.failedPrecondition, "the answer is not the same as that of \(path)")
        }
    }
)

/// What came of asking again.
private struct Replayed {
    /// A sentence each.
    var differences: [String]
    /// What does not make the answer another one.
    var notes: [String] = []
}

/// Asks again and says what is not the same.
private func replay(_ receipt: AnswerReceipt, _ client: ClusterClient, _ deadline: Deadline) async throws -> Replayed {
    let models = try await client.status(deadline: deadline).filter { $0.role == .coordinator }.compactMap(
        \.fingerprint)
    guard models.isEmpty || models.contains(receipt.record.fingerprint) else {
        return Replayed(differences: [
            "the model is gone: the receipt's is \(receipt.record.fingerprint), the cluster runs "
                + models.map(\.description).joined(separator: ", ")
        ])
    }
    var answer = Answer(words: receipt.request.words.mode)
    do {
        try await answer.read(client.ask(receipt.replay, fingerprint: receipt.record.fingerprint, deadline: deadline)) {
            _ in
        }
    } catch let error as ImpRAGError where error.code == .invalidArgument {
        return Replayed(differences: ["the cluster does not answer such a request any more: \(error.message)"])
    } catch let error as ImpRAGError {
        guard let older = await olderIndex(receipt, client) else { throw error }
        return Replayed(differences: [older])
    }
    let now = try answer.receipt(for: receipt.replay)
    let found = Set(now.passages.map(\.id))
    let isAllThere = receipt.passages.allSatisfy { found.contains($0.id) }
    let differences = receipt.differences(
        from: now, others: isAllThere ? [] : await further(receipt, client, deadline))
    let copy = differences.isEmpty ? receipt.otherCollection(than: now) : nil
    return Replayed(differences: differences, notes: [copy].compactMap { $0 })
}

/// That the cluster has not what the receipt's answer was made from: an older copy of it, or one without the updates
/// since.
private func olderIndex(_ receipt: AnswerReceipt, _ client: ClusterClient) async -> String? {
    guard let nodes = try? await client.status(deadline: .after(milliseconds: 5000)) else { return nil }
    let reached = nodes.flatMap { [$0.epoch] + $0.partitions.map(\.epoch) }.max() ?? 0
    guard reached < receipt.epoch else { return nil }
    return
        "the index is an older one: it has reached epoch \(reached), and the receipt's answer is of epoch \(receipt.epoch)"
}

/// How to serve what the receipt's answer was made from.
///
/// - Parameter location: of the collection; nil: not known.
private func wayBack(_ receipt: AnswerReceipt, _ location: String?) -> String {
    let epoch = receipt.epoch
    guard let location else {
        return
            "--store LOCATION, the collection's directory or bucket, says whether epoch \(epoch) is still kept and how to serve it"
    }
    do {
        let collection = try CollectionPlace(location, for: .existing).collection
        let stored = try collection.manifest(deadline: .never)
        let (mine, there) = (receipt.record.collectionID, stored.manifest.collection)
        guard mine.isEmpty || mine == there else {
            return "\(location) holds the collection \(there), and the receipt's is \(mine)"
        }
        _ = try collection.restorePoint(.epoch(epoch), of: stored, deadline: .never)
        return "epoch \(epoch) is kept: `imprag restore \(location) --epoch \(epoch) --to DIRECTORY` copies it, "
            + "`imprag up --index DIRECTORY` serves it, and there the answer can be computed again"
    } catch {
        return
            "the receipt's epoch cannot be served any more: \((error as? ImpRAGError)?.message ?? String(describing: error))"
    }
}

/// Passages further down in the list that the answer was made from: those that the receipt names may be among them.
private func further(
    _ receipt: AnswerReceipt, _ client: ClusterClient, _ deadline: Deadline
) async -> [AnswerReceipt.Source] {
    let request = receipt.replay
    let text = request.messages.last { $0.role == "user" }?.content ?? request.prompt
    let search = SearchRequest(
        prompt: text, k: 100, completeness: .partial, options: request.options, words: request.words)
    return (try? await client.search(search, deadline: deadline).passages.map(AnswerReceipt.Source.init)) ?? []
}
