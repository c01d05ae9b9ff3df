import Client
import Core
import Platform
import Wire

let askCommand = Command(
    name: "ask",
    summary: "Asks the cluster; streams the answer, then shows its sources",
    discussion: """
        The answer appears as it is generated. Under it stand the passages that the model read: the retrieval score of each,
        and the attention mass that it received (the share of the last prompt token's attention in the reading layers).
        Ctrl-C stops the work on the cluster too. `imprag search --help` describes filters. Without PROMPT, at a terminal, each
        line is a question, asked by itself: the model reads one prompt and knows nothing of the ones before. Ctrl-C then stops
        the answer; at the prompt it ends the command, and so does Ctrl-D.

        With --abstain there is no answer where the passages give no reason for one (docs/certainty.md); that is no error. Whether
        they got too little attention is known only at the end: what was written before is then not to be relied on.
        """,
    positional: "PROMPT",
    options: promptOptions + searchOptionList + wordsOptionList + [
        .optional(
            "encoding", "concatenated|segmented|independent", "how passages are read (default: the model's)"),
        .optional("max-tokens", "N", "the longest answer (default: the coordinator's)"),
        .optional("temperature", "T", "0 takes the most probable token each time (default: 0)"),
        .optional("top-p", "P", "sample from the most probable tokens that reach P together (default: 1)"),
        .optional("top-k", "N", "sample from the N most probable tokens (default: 0, all)"),
        .optional("seed", "N", "the same seed gives the same answer (default: a new one)"),
        .optional("stop", "TEXT", "end the answer before TEXT"),
        .optional("messages", "FILE", "a chat instead of PROMPT: a JSON list of {\"role\",\"content\"}"),
        .flag("no-speculate", "one token a pass, where several could be verified; the same answer"),
        .flag("token-attention", "with --json: which passages each token looked at"),
        .flag("abstain", "answer only where the passages give reason to (default: the coordinator's policy)"),
        .optional("receipt", "FILE", "write there what `imprag replay` computes the answer again from"),
        .flag("json", "print one JSON object at the end instead"),
    ] + clientOptions,
    example: "imprag ask \"What is the capital of Peru?\"",
    run: { arguments in
        let asksNothing = arguments.words.isEmpty && !arguments.has("messages")
        if asksNothing, !arguments.has("json"), Terminal.isInteractive {
            return try await converse(arguments)
        }
        let request = try askRequest(arguments)
        let deadline = try deadline(arguments)
        if let path = arguments.string("receipt") { try LineFile.check(path) }
        let client = try makeClient(arguments)
        defer { client.close() }
        var answer = Answer(words: request.words.mode)
        let showsText = !arguments.has("json")
        try await answer.read(client.ask(request, deadline: deadline)) { if showsText { try write($0) } }
        if showsText { try write(answer.ending + "\n") } else { try writeLine(answer.json.line) }
        if let path = arguments.string("receipt") {
            try LineFile(path: path).write(answer.receipt(for: request).text)
        }
    }
)

/// What has come back for one prompt.
struct Answer {
    let words: WordsMode
    var text = ""
    var tokens: [Int32] = []
    var logprobs: [Float] = []
    private var steps: [AnswerToken] = []
    /// The attention of each token to each passage, where it was measured.
    var attention: [JSONLine] = []
    var sources: AskSources?
    var done: AskDone?

    /// Reads a whole answer; `show` gets its text as it arrives.
    nonisolated(nonsending) mutating func read(
        _ stream: AskStream, show: (String) throws -> Void
    ) async throws {
        for try await event in stream {
            switch event {
            case .sources(let sources): self.sources = sources
            case .token(let token):
                // Answers begin with the space that follows the prompt, which is out of place at the start of a line.
                let shown = text.isEmpty ? String(token.text.drop(while: \.isWhitespace)) : token.text
                add(token)
                try show(shown)
            case .done(let done): self.done = done
            }
        }
    }

    private mutating func add(_ token: AnswerToken) {
        text += token.text
        steps.append(token)
        if let id = token.token {
            tokens.append(id)
            logprobs.append(token.logprob)
            if !token.passageAttention.isEmpty { attention.append(Client.json(attentionOf: token)) }
        }
    }

    init(words: WordsMode) {
        self.words = words
    }

    func receipt(for request: AskRequest) throws(ImpRAGError) -> AnswerReceipt {
        guard let done else { throw ImpRAGError(.internal, "the answer has no end") }
        return try AnswerReceipt(asked: request, sources, text, steps, done)
    }

    /// The footer, below the answer if there is one.
    var ending: String { (text.isEmpty ? "" : "\n\n") + footer }

    private var footer: String {
        var lines: [String] = []
        if let abstention = done?.abstention {
            let late = text.isEmpty ? "" : " after all"
            lines.append("No answer\(late): \(abstention.reason.rawValue): \(abstention.why)")
        }
        if let sources, done?.abstention?.reason != .noContext {
            lines.append(
                sources.passages.isEmpty
                    ? "no passages: the answer rests on the model alone"
                    : sourceTable(sources.passages, attention: done?.passageAttention, words: words))
        }
        if let done {
            let count = done.generatedTokenCount
            lines.append(
                "\(count) token\(count == 1 ? "" : "s"); first after \(readable(done.timings.firstToken)) "
                    + "(prompt \(readable(done.timings.prompt)), search \(readable(done.timings.search)), "
                    + "reading \(readable(done.timings.read))), all after \(readable(done.timings.total))")
            if !done.completeness.isComplete { lines.append(warning(done.completeness)) }
            if !done.abstainNotice.isEmpty { lines.append(done.abstainNotice) }
        }
        return lines.joined(separator: "\n")
    }

    var json: JSONLine {
        var line = JSONLine()
        line.add("answer", done?.abstention == nil ? text : "")
        if let abstention = done?.abstention {
            line.add("abstained", Client.json(abstention))
            if !text.isEmpty { line.add("withheld", text) }
        }
        if let done, !done.abstainNotice.isEmpty { line.add("abstain_notice", done.abstainNotice) }
        line.add("tokens", tokens)
        line.add("logprobs", logprobs)
        if !attention.isEmpty { line.add("token_attention", attention) }
        if let done {
            line.add("finish", done.end.rawValue)
            line.add("complete", done.completeness.isComplete)
            line.add("completeness", Client.json(done.completeness))
            line.add("timings_ms", Client.json(done.timings))
            line.add("proposed_tokens", done.proposedTokenCount)
            line.add("accepted_tokens", done.acceptedTokenCount)
        }
        line.add("sources", Client.json(sources?.passages ?? [], attention: done?.passageAttention))
        return line
    }
}

/// - Parameter text: nil takes the prompt from the arguments.
func askRequest(_ arguments: Arguments, prompt text: String? = nil) throws -> AskRequest {
    var sampling = SamplingOptions()
    sampling.temperature = try arguments.number("temperature", in: 0...100) ?? 0
    sampling.topP = try arguments.number("top-p", in: 0...1)
    sampling.topK = try arguments.integer("top-k", in: 0...(1 << 30)) ?? 0
    sampling.seed = try arguments.integer("seed", in: 0...Int.max).map(UInt64.init)
    sampling.maxTokens = try arguments.integer("max-tokens", in: 1...(1 << 30))
    sampling.stop = arguments.strings("stop")
    let messages = try arguments.string("messages").map { try chatMessages($0) } ?? []
    guard messages.isEmpty || arguments.words.isEmpty else {
        throw UsageError(message: "--messages and a prompt are given; only one of them is right")
    }
    return AskRequest(
        prompt: messages.isEmpty ? try text ?? prompt(arguments) : "",
        k: try arguments.integer("k", in: 0...(1 << 30)),
        encoding: try arguments.choice("encoding", as: PassageEncoding.self), sampling: sampling,
        completeness: completenessPolicy(arguments), options: try searchOptions(arguments),
        words: try wordsOptions(arguments), messages: messages, speculates: !arguments.has("no-speculate"),
        measuresTokens: arguments.has("token-attention"), abstains: arguments.has("abstain") ? true : nil)
}
