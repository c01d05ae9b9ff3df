import Client
import Core
import Platform
import Wire

let replayCommand = Command(
    name: "replay",
    summary: "Computes an answer again from its receipt, and compares every bit",
    discussion: """
        RECEIPT is what `imprag ask --receipt` has written; \"receipt\" in an answer of the gateway is one too. The cluster is asked the same, with
        the same seed, once it has what it had then. The exit code is 0 when passages, scores and answer are the same bit for bit; else it is 1,
        and what differs is said, or what is gone: the model, the collection, a passage. An index that went on may answer otherwise.
        """,
    positional: "RECEIPT",
    options: [.flag("json", "print one JSON object")] + clientOptions,
    example: "imprag replay answer.json",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one RECEIPT is right") }
        let path = arguments.words[0]
        let file = try SmallFile(path: path, limit: AnswerReceipt.byteLimit)
        let receipt = try AnswerReceipt(file.bytes, name: path)
        let client = try makeClient(arguments)
        defer { client.close() }
        let differences = try await replay(receipt, client, deadline(arguments))
        if arguments.has("json") {
            var line = JSONLine()
            line.add("same", differences.isEmpty)
            line.add("differences", differences)
            try writeLine(line.line)
        } else {
            for difference in differences { try writeLine(TerminalText.visible(difference)) }
            if differences.isEmpty {
                let (passages, tokens) = (receipt.passages.count, receipt.tokens.count)
                try writeLine(
                    "the same: \(passages) \(passages == 1 ? "passage, its score" : "passages, their scores"), and "
                        + "\(tokens) \(tokens == 1 ? "token" : "tokens")")
            }
        }
        guard differences.isEmpty else {
            throw ImpRAGError(.failedPrecondition, "the answer is not the same as that of \(path)")
        }
    }
)

/// Asks again and says what is not the same.
private func replay(_ receipt: AnswerReceipt, _ client: ClusterClient, _ deadline: Deadline) async throws -> [String] {
    let models = try await client.status(deadline: deadline).filter { $0.role == .coordinator }.compactMap(
        \.fingerprint)
    guard models.isEmpty || models.contains(receipt.record.fingerprint) else {
        return [
            "the model is gone: the receipt's is \(receipt.record.fingerprint), the cluster runs "
                + models.map(\.description).joined(separator: ", ")
        ]
    }
    var answer = Answer(words: receipt.request.words.mode)
    do {
        try await answer.read(client.ask(receipt.replay, fingerprint: receipt.record.fingerprint, deadline: deadline)) {
            _ in
        }
    } catch let error as ImpRAGError where error.code == .invalidArgument {
        return ["the cluster does not answer such a request any more: \(error.message)"]
    }
    let now = try answer.receipt(for: receipt.replay)
    let found = Set(now.passages.map(\.id))
    guard receipt.passages.contains(where: { !found.contains($0.id) }) else { return receipt.differences(from: now) }
    return receipt.differences(from: now, others: await further(receipt, client, deadline))
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
