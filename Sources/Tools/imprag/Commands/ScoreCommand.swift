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
            let given = line.row.given
            let score = try naming(line: line.number) {
                try model.score(
                    prompt: given.prompt, passages: given.passages,
                    k: given.k ?? model.configuration.topK,
                    encoding: given.encoding ?? model.configuration.passageEncoding,
                    completion: line.row.completion)
            }
            var output = JSONLine()
            output.add("id", given.id)
            output.add("tokens", score.tokens)
            output.add("logprobs", score.logprobs)
            output.add("passage_attention", score.passageAttention)
            try writeLine(output.line)
        }
    }
)

private struct ScoreRow: JSONRow {
    let given: PromptRow
    let completion: String

    init(_ line: JSONField) throws(ImpRAGError) {
        given = try PromptRow(line)
        completion = try line.required("completion").string()
    }
}
