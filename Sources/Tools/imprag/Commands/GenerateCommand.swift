import Core
import Model

let generateCommand = Command(
    name: "generate",
    summary: "Answers prompts from given passages",
    discussion: """
        Reads {"id","prompt","passages","k","encoding","max_tokens"} from standard input, one JSON object a line, and writes
        {"id","text","tokens"} in the same order. "k" and "encoding" default to the model's, "max_tokens" to 64. The most
        probable token is taken each time, unless the line has "temperature", "top_p", "top_k" and "seed"; "stop" is a list of
        strings that end the answer.
        """,
    options: modelOptions,
    example:
        #"echo '{"id":1,"prompt":"Q: What is the capital of Peru? A:","passages":[{"title":"Peru","text":"The capital "#
        + #"of Peru is Lima."}]}' | imprag generate --model DIR"#,
    run: { arguments in
        let model = try loadModel(arguments, layers: .all)
        var input = try JSONLineInput<GenerateRow>()
        while let line = try input.next() {
            let (text, tokens) = try naming(line: line.number) { try generate(line.row, with: model) }
            var output = JSONLine()
            output.add("id", line.row.id)
            output.add("text", text)
            output.add("tokens", tokens)
            try writeLine(output.line)
        }
    }
)

private struct GenerateRow: Decodable {
    let id: JSONScalar
    let prompt: String
    let passages: [PassageRow]?
    let k: Int?
    let encoding: String?
    let maxTokens: Int?
    let temperature: Double?
    let topP: Double?
    let topK: Int?
    let seed: UInt64?
    let stop: [String]?

    enum CodingKeys: String, CodingKey {
        case id, prompt, passages, k, encoding, temperature, seed, stop
        case maxTokens = "max_tokens"
        case topP = "top_p"
        case topK = "top_k"
    }
}

private func generate(_ row: GenerateRow, with model: ImpRAGModel) throws -> (text: String, tokens: [Int32]) {
    let sampling = try Sampling(
        temperature: row.temperature ?? 0, topP: row.topP ?? 1, topK: row.topK ?? 0, seed: row.seed,
        stop: row.stop ?? [],
        maxTokens: row.maxTokens ?? 64)
    let request = PromptRequest(tokens: try model.promptTokens(row.prompt), k: row.k ?? model.configuration.topK)
    let state = try model.promptStates([request])[0]
    let answer = try model.answer(
        from: state, passages: (row.passages ?? []).map(\.passage),
        encoding: try parseEncoding(row.encoding) ?? model.configuration.passageEncoding, sampling: sampling)
    var text = ""
    var tokens: [Int32] = []
    while let step = try answer.next() {
        text += step.text
        if let token = step.token { tokens.append(token) }
    }
    return (text, tokens)
}
