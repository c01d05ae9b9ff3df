import Core
import Model

let embedCommand = Command(
    name: "embed",
    summary: "Turns prompts or passages into embeddings",
    discussion: """
        Reads {"id","text","title"?} from standard input, one JSON object a line, and writes {"id","embedding"} in the same
        order: the implicit query vector of a prompt, or the key vector that a passage is indexed with, neither normalised.
        Their inner product is the retrieval score. How many passages are longer than what the model reads of one is said at the
        end on standard error.
        """,
    options: modelOptions + [.required("role", "query|passage", "which of the two vectors")],
    example: #"echo '{"id":1,"text":"Q: What is the capital of Peru? A:"}' | imprag embed --model DIR --role query"#,
    run: { arguments in
        guard let role = try arguments.choice("role", as: EmbeddingRole.self) else { return }
        let model = try loadModel(arguments, layers: .bottom)
        var input = try JSONLineInput<EmbedRow>()
        var (count, cut) = (0, 0)
        defer { if let warning = cutWarning(cut, of: count) { printError(warning) } }
        while case let lines = try input.next(256), !lines.isEmpty {
            let vectors: [Float]
            do {
                vectors = try embed(lines, role, model)
            } catch is ImpRAGError {
                // One of the lines is refused: retried one by one, to say which, after the vectors of those before it.
                for line in lines {
                    try writeRows([line], try naming(line: line.number) { try embed([line], role, model) })
                }
                continue
            }
            try writeRows(lines, vectors)
            count += lines.count
            if role == .passage { cut += try lines.count { try model.isCut($0.row.passage) } }
        }
    }
)

/// The warning about passages whose ends the model does not read; nil when there are none.
func cutWarning(_ cut: Int, of count: Int) -> String? {
    cut == 0
        ? nil
        : "\(cut) of \(count) \(count == 1 ? "passage" : "passages") \(cut == 1 ? "has" : "have") more tokens than the model reads of one: "
            + "the vectors do not know their ends; shorter passages are right (--words of `imprag index` and `upsert` cuts texts)"
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
