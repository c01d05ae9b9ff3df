import Core
import Model

let generateCommand = Command(
    name: "generate",
    summary: "Answers prompts from given passages",
    discussion: """
        Reads {"id","prompt","passages","k","encoding","max_tokens"} from standard input, one JSON object a line, and writes
        {"id","text","tokens","proposed_tokens","accepted_tokens"} in the same order. "k" and "encoding" default to the
        model's, "max_tokens" to 64. The most probable token is taken each time, unless the line has "temperature", "top_p",
        "top_k" and "seed"; "stop" is a list of strings that end the answer.
        """,
    options: modelOptions + [
        .flag("no-speculate", "one token a pass, where several could be verified; the same text")
    ],
    example:
        #"echo '{"id":1,"prompt":"Q: What is the capital of Peru? A:","passages":[{"title":"Peru","text":"The capital "#
        + #"of Peru is Lima."}]}' | imprag generate --model DIR"#,
    run: { arguments in
        let model = try loadModel(arguments, layers: .all)
        let speculates = !arguments.has("no-speculate")
        var input = try JSONLineInput<GenerateRow>()
        while let line = try input.next() {
            let (answer, text, tokens) = try naming(line: line.number) {
                try generate(line.row, with: model, speculates: speculates)
            }
            var output = JSONLine()
            output.add("id", line.row.given.id)
            output.add("text", text)
            output.add("tokens", tokens)
            output.add("proposed_tokens", answer.proposedTokens)
            output.add("accepted_tokens", answer.acceptedTokens)
            try writeLine(output.line)
        }
    }
)

private struct GenerateRow: JSONRow {
    let given: PromptRow
    let sampling: Sampling

    init(_ line: JSONField) throws(ImpRAGError) {
        given = try PromptRow(line)
        let options = SamplingOptions(
            temperature: try line.optional("temperature")?.double() ?? 0,
            topP: try line.optional("top_p")?.double(), topK: try line.optional("top_k")?.integer() ?? 0,
            seed: try line.optional("seed")?.seed(), stop: try line.optional("stop")?.strings() ?? [],
            maxTokens: try line.optional("max_tokens")?.integer())
        do throws(ImpRAGError) {
            sampling = try Sampling(options, maxTokens: 64)
        } catch {
            throw ImpRAGError(error.code, "\(line.path): \(error.message)", cause: error.cause)
        }
    }
}

extension JSONField {
    /// A whole number of 64 bits that is not negative.
    fileprivate func seed() throws(ImpRAGError) -> UInt64 {
        guard let number = UInt64(value.text) else { throw failure("must be a whole number from 0 to 2^64 - 1") }
        return number
    }
}

private func generate(
    _ row: GenerateRow, with model: ImpRAGModel, speculates: Bool
) throws -> (answer: AnswerStream, text: String, tokens: [Int32]) {
    let given = row.given
    let request = PromptRequest(tokens: try model.promptTokens(given.prompt), k: given.k ?? model.configuration.topK)
    let state = try model.promptStates([request])[0]
    let answer = try model.answer(
        from: state, passages: given.passages, encoding: given.encoding ?? model.configuration.passageEncoding,
        sampling: row.sampling, speculates: speculates)
    var text = ""
    var tokens: [Int32] = []
    while let step = try answer.next() {
        text += step.text
        if let token = step.token { tokens.append(token) }
    }
    return (answer, text, tokens)
}
