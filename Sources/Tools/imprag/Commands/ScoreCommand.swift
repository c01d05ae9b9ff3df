import Core
import Model

let scoreCommand = Command(
    name: "score",
    summary: "Says how probable a given answer is after reading given passages",
    discussion: """
        Reads {"id","prompt","passages":[{"title","text"}],"k","encoding","completion"} from standard input, one JSON object
        a line, and writes {"id","tokens","logprobs","passage_attention"} in the same order. "passages" is best first; "k" is
        the number requested and decides the prompt's positions; "k" and "encoding" default to the model's.
        """,
    options: modelOptions,
    example: #"echo '{"id":1,"prompt":"Q: What is the capital of Peru? A:","passages":[],"completion":" Lima"}' | "#
        + "imprag score --model DIR",
    run: { arguments in
        let model = try loadModel(arguments, layers: .all)
        var input = try JSONLineInput<ScoreRow>()
        while let line = try input.next() {
            let row = line.row
            let score = try naming(line: line.number) {
                try model.score(
                    prompt: row.prompt, passages: row.passages,
                    k: row.k ?? model.configuration.topK,
                    encoding: row.encoding ?? model.configuration.passageEncoding,
                    completion: row.completion)
            }
            var output = JSONLine()
            output.add("id", row.id)
            output.add("tokens", score.tokens)
            output.add("logprobs", score.logprobs)
            output.add("passage_attention", score.passageAttention)
            try writeLine(output.line)
        }
    }
)

private struct ScoreRow: JSONRow {
    let id: JSONScalar
    let prompt: String
    let passages: [Passage]
    let k: Int?
    let encoding: PassageEncoding?
    let completion: String

    init(_ line: JSONField) throws(ImpRAGError) {
        id = try JSONScalar(line.required("id"))
        prompt = try line.required("prompt").string()
        passages = try line.passages()
        k = try line.optional("k")?.integer()
        encoding = try line.optional("encoding")?.passageEncoding()
        completion = try line.required("completion").string()
    }
}

extension JSONField {
    /// The encoding that the field names; throws `invalidArgument` with those that exist.
    func passageEncoding() throws(ImpRAGError) -> PassageEncoding {
        let name = try string()
        guard let encoding = PassageEncoding(rawValue: name) else {
            let right = PassageEncoding.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw problem("the encoding '\(name)' does not exist; one of \(right) is right")
        }
        return encoding
    }
}
