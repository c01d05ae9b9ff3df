import Core
import Wire

/// What a call gives: text for models, and the same with all its numbers for programs.
struct MCPResult {
    private let text: String
    private var structured: JSONLine?

    /// A call that failed. Models read why, and may do better.
    init(_ error: any Error) { text = "\(error)" }

    init(_ reply: SearchReply) {
        let none = "no passages"
        text = reply.passages.isEmpty ? none : Self.list(reply.passages) + Self.note(reply.completeness)
        structured = json(reply)
    }

    init(_ answer: Answer) {
        let passages = answer.sources?.passages ?? []
        let sources = passages.isEmpty ? "No passages: the answer rests on the model alone." : Self.list(passages)
        let refusal = answer.done?.abstention.map { "No answer: \($0.reason.rawValue): \($0.why)" }
        text =
            "\(refusal ?? String(answer.text.drop(while: \.isWhitespace)))\n\nSources:\n\(sources)"
            + (answer.done.map { Self.note($0.completeness) } ?? "")
        structured = answer.json
    }

    /// As `tools/call` gives it.
    var line: JSONLine {
        var content = JSONLine()
        content.add("type", "text")
        content.add("text", text)
        var line = JSONLine()
        line.add("content", [content])
        if let structured { line.add("structuredContent", structured) }
        line.add("isError", structured == nil)
        return line
    }

    private static func list(_ passages: [ScoredPassage]) -> String {
        passages.map { scored in
            let title = scored.passage.title.isEmpty ? "" : "\(scored.passage.title) "
            return "\(scored.rank + 1). \(title)[\(scored.passage.id)]\n\(scored.passage.text)"
        }.joined(separator: "\n\n")
    }

    private static func note(_ completeness: Completeness) -> String {
        completeness.isComplete ? "" : "\n\n" + warning(completeness)
    }
}
