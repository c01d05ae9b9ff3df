import Core

/// A token as OpenAI's clients read it: its text, where its bytes are one, and its bytes.
struct TokenText {
    let bytes: [UInt8]
    let logprob: Float

    init(_ candidate: TokenCandidate) {
        (bytes, logprob) = (candidate.bytes, candidate.logprob)
    }

    /// An answer's token; one without its bytes has those of the text that came with it.
    init(_ token: AnswerToken) {
        (bytes, logprob) = (token.alternatives.first?.bytes ?? Array(token.text.utf8), token.logprob)
    }

    /// The text; of a part of a character, as in `\xe2\x80`.
    var text: String { String(validating: bytes, as: UTF8.self) ?? escaped }

    /// The same in completions, where such a part is `bytes:\xe2\x80`.
    var marked: String { String(validating: bytes, as: UTF8.self) ?? "bytes:" + escaped }

    private var escaped: String { bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// With `token`, `logprob` and `bytes`.
    var json: JSONLine {
        var line = JSONLine()
        line.add("token", text)
        line.add("logprob", logprob)
        line.add("bytes", bytes.map(Int.init))
        return line
    }

    /// Logarithms of probability by text, as completions have them: of several tokens of one text the most probable
    /// one's.
    static func logprobs(_ candidates: [TokenCandidate]) -> JSONLine {
        var line = JSONLine()
        var seen: Set<ByteString> = []
        for candidate in candidates.sorted(by: { $0.logprob > $1.logprob }) {
            let token = TokenText(candidate)
            if seen.insert(ByteString(token.marked)).inserted { line.add(token.marked, token.logprob) }
        }
        return line
    }
}
