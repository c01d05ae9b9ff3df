import Core
import Model

let embedCommand = Command(
    name: "embed",
    summary: "Turns prompts or passages into embeddings",
    discussion: """
        Reads {"id","text","title"?} from standard input, one JSON object a line, and writes {"id","embedding"} in the same
        order: the implicit query vector of a prompt, or the key vector that a passage is indexed with, neither normalised.
        Their inner product is the retrieval score.
        """,
    options: modelOptions + [.required("role", "query|passage", "which of the two vectors")],
    example: #"echo '{"id":1,"text":"Q: What is the capital of Peru? A:"}' | imprag embed --model DIR --role query"#,
    run: { arguments in
        guard let role = try arguments.choice("role", as: EmbeddingRole.self) else { return }
        let model = try loadModel(arguments, layers: .bottom)
        var input = try JSONLineInput<EmbedRow>()
        while case let lines = try input.next(256), !lines.isEmpty {
            let vectors: [Float]
            do {
                vectors = try embed(lines, role, model)
            } catch is ImpRAGError {
                // One of them is refused: one by one, to say which, after the vectors of those before it.
                for line in lines {
                    try writeRows([line], try naming(line: line.number) { try embed([line], role, model) })
                }
                continue
            }
            try writeRows(lines, vectors)
        }
    }
)

enum EmbeddingRole: String, CaseIterable {
    case query
    case passage
}

private struct EmbedRow: JSONRow {
    let id: JSONScalar
    let text: String
    let title: String

    init(_ line: JSONField) throws(ImpRAGError) {
        id = try JSONScalar(line.required("id"))
        text = try line.required("text").string()
        title = try line.optional("title")?.string() ?? ""
    }

    var passage: Passage { Passage(id: "", title: title, text: text) }
}

/// `[lines.count × embeddingDimension]`.
private func embed(
    _ lines: [JSONLineInput<EmbedRow>.Line], _ role: EmbeddingRole, _ model: ImpRAGModel
) throws -> [Float] {
    switch role {
    case .query: try model.embed(queries: lines.map(\.row.text))
    case .passage:
        try model.embed(passages: lines.map(\.row.passage))
    }
}

private func writeRows(_ lines: [JSONLineInput<EmbedRow>.Line], _ vectors: [Float]) throws {
    let dimension = vectors.count / max(1, lines.count)
    for (index, line) in lines.enumerated() {
        var output = JSONLine()
        output.add("id", line.row.id)
        output.add("embedding", Array(vectors[index * dimension..<(index + 1) * dimension]))
        try writeLine(output.line)
    }
}
