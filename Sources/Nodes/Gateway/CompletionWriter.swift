import Client
import Core
import Platform
import Wire

/// An answer as OpenAI's objects, whole or in chunks.
struct CompletionWriter {
    private let request: AnswerRequest
    private let id: String
    private let created = Int(WallTime.now.nanoseconds / 1_000_000_000)
    private var sources: AskSources?
    private var text = ""
    private var tokens: [AnswerToken] = []

    init(_ request: AnswerRequest) {
        self.request = request
        let number = UInt64.random(in: 0...(.max))
        id = (request.isChat ? "chatcmpl-" : "cmpl-") + String(number, radix: 16)
    }

    /// Takes one event and returns the chunks that it makes.
    mutating func chunks(_ event: AskEvent) -> [JSONLine] {
        switch event {
        case .sources(let sources):
            self.sources = sources
            var own = JSONLine()
            own.add("sources", json(sources.passages, attention: nil))
            return [chunk(request.isChat ? #"{"role":"assistant","content":""}"# : nil, own: own)]
        case .token(let token):
            let offset = text.unicodeScalars.count
            text += token.text
            tokens.append(token)
            let own = attention([token])
            guard !token.text.isEmpty || own != nil || (request.hasLogprobs && token.token != nil) else { return [] }
            let logprobs = request.hasLogprobs ? logprobs([token], offset: offset) : nil
            var delta = JSONLine()
            delta.add("content", token.text)
            return [chunk(request.isChat ? delta.line : nil, text: token.text, logprobs: logprobs, own: own)]
        case .done(let done):
            let last = chunk(request.isChat ? "{}" : nil, finish: done.end, own: own(done))
            guard request.includesUsage else { return [last] }
            var usage = head(isChunk: true)
            usage.add("choices", [JSONLine]())
            usage.add("usage", self.usage(done))
            return [last, usage]
        }
    }

    /// The whole answer, after its last event.
    func whole(_ done: AskDone) -> JSONLine {
        // Nothing has been sent yet: an answer that is not to be relied on is not given.
        let text = done.abstention == nil ? text : ""
        let tokens = done.abstention == nil ? tokens : []
        var choice = JSONLine()
        choice.add("index", 0)
        if request.isChat {
            var message = JSONLine()
            message.add("role", "assistant")
            message.add("content", text)
            message.add("refusal", raw: "null")
            choice.add("message", message)
        } else {
            choice.add("text", text)
        }
        choice.add("logprobs", raw: request.hasLogprobs ? logprobs(tokens, offset: 0).line : "null")
        choice.add("finish_reason", done.end.rawValue)
        var line = head(isChunk: false)
        line.add("choices", [choice])
        line.add("usage", usage(done))
        line.add("imprag", own(done, attention: attention(tokens)))
        return line
    }

    private func head(isChunk: Bool) -> JSONLine {
        var line = JSONLine()
        line.add("id", id)
        line.add(
            "object", request.isChat ? (isChunk ? "chat.completion.chunk" : "chat.completion") : "text_completion")
        line.add("created", created)
        line.add("model", request.model.isEmpty ? "default" : request.model)
        return line
    }

    /// - Parameter delta: of a chat.
    private func chunk(
        _ delta: String?, text: String = "", logprobs: JSONLine? = nil, finish: AnswerEnd? = nil, own: JSONLine? = nil
    ) -> JSONLine {
        var choice = JSONLine()
        choice.add("index", 0)
        if let delta { choice.add("delta", raw: delta) } else { choice.add("text", text) }
        choice.add("logprobs", raw: logprobs?.line ?? "null")
        choice.add("finish_reason", raw: finish.map { jsonString($0.rawValue) } ?? "null")
        var line = head(isChunk: true)
        line.add("choices", [choice])
        if request.includesUsage { line.add("usage", raw: "null") }
        if let own { line.add("imprag", own) }
        return line
    }

    /// Of a token without its bytes, from an older generator, the text that became certain with it.
    private func logprobs(_ tokens: [AnswerToken], offset: Int) -> JSONLine {
        var line = JSONLine()
        if request.isChat {
            let content = tokens.filter { $0.token != nil }.map { token in
                var entry = TokenText(token).json
                entry.add("top_logprobs", token.alternatives.dropFirst().map { TokenText($0).json })
                return entry
            }
            line.add("content", content)
            line.add("refusal", raw: "null")
            return line
        }
        var (offsets, end): ([Int], Int) = ([], offset)
        for token in tokens {
            if token.token != nil { offsets.append(end) }
            end += token.text.unicodeScalars.count
        }
        let known = tokens.filter { $0.token != nil }
        line.add("tokens", known.map { TokenText($0).marked })
        line.add("token_logprobs", known.map(\.logprob))
        line.add("text_offset", offsets)
        guard known.contains(where: { $0.alternatives.count > 1 }) else {
            line.add("top_logprobs", raw: "null")
            return line
        }
        line.add("top_logprobs", known.map { TokenText.logprobs($0.alternatives) })
        return line
    }

    private func usage(_ done: AskDone) -> JSONLine {
        var line = JSONLine()
        line.add("prompt_tokens", done.promptTokenCount)
        line.add("completion_tokens", done.generatedTokenCount)
        line.add("total_tokens", done.promptTokenCount + done.generatedTokenCount)
        return line
    }

    /// What each of `tokens` looked at: `{"tokens": [{"token", "attention"}]}`; nil when that was not asked for.
    private func attention(_ tokens: [AnswerToken]) -> JSONLine? {
        guard request.ask.measuresTokens else { return nil }
        let entries = tokens.filter { $0.token != nil }.map { json(attentionOf: $0) }
        guard !entries.isEmpty else { return nil }
        var line = JSONLine()
        line.add("tokens", entries)
        return line
    }

    /// As `imprag ask --json` has it.
    ///
    /// - Parameter attention: what each token looked at, where it has not been said yet.
    private func own(_ done: AskDone, attention: JSONLine? = nil) -> JSONLine {
        var line = attention ?? JSONLine()
        line.add("sources", json(sources?.passages ?? [], attention: done.passageAttention))
        line.add("finish", done.end.rawValue)
        line.add("complete", done.completeness.isComplete)
        line.add("completeness", json(done.completeness))
        line.add("timings_ms", json(done.timings))
        line.add("proposed_tokens", done.proposedTokenCount)
        line.add("accepted_tokens", done.acceptedTokenCount)
        if let abstention = done.abstention { line.add("abstained", json(abstention)) }
        if !done.abstainNotice.isEmpty { line.add("abstain_notice", done.abstainNotice) }
        if request.wantsReceipt, let receipt = try? AnswerReceipt(asked: request.ask, sources, text, tokens, done) {
            line.add("receipt", raw: receipt.text)
        }
        return line
    }
}
