import Core
import Platform
import Tokenizer

let tokenizeCommand = Command(
    name: "tokenize",
    summary: "Turns texts into token ids, or ids into texts",
    discussion: """
        Reads {"id","text"} from standard input, one JSON object a line, and writes {"id","ids"} in the same order. With
        --decode it reads {"id","ids"} and writes {"id","text"}. The template's special tokens (such as the begin-of-text
        token) are put in front unless --no-special-tokens is given; special tokens written out in a text are recognised
        unless --plain is given. With --messages it reads a chat and writes {"text","ids"}: what the model's chat template
        makes of it, or its task template where it has none.
        """,
    options: [
        .required("model", "DIR", "a Hugging Face model directory; only its tokenizer is read, and its chat template"),
        .optional(
            "messages", "FILE", "a JSON list of {\"role\",\"content\"}: writes the prompt made of it, and its ids"),
        .flag("no-special-tokens", "add no begin-of-text token or other template ids"),
        .flag("plain", "special tokens written in a text are ordinary text"),
        .flag("decode", "ids in, text out; special tokens are left out of the text"),
    ],
    example:
        #"echo '{"id":1,"text":"Q: What is the capital of Peru? A:"}' | imprag tokenize --model Models/encyclopedia-tiny"#,
    run: { arguments in
        let tokenizer = try Tokenizer(path: arguments.required("model") + "/tokenizer.json")
        if let path = arguments.string("messages") {
            let template = try ChatTemplate(directory: arguments.required("model"))
            let chat = try template.render(chatMessages(path), at: .now)
            var output = JSONLine()
            output.add("text", chat.text)
            output.add("ids", try tokenizer.encode(chat))
            try writeLine(output.line)
        } else if arguments.has("decode") {
            try decodeLines(with: tokenizer)
        } else {
            try encodeLines(
                with: tokenizer, specialTokens: arguments.has("plain") ? .plain : .recognised,
                addingTemplate: !arguments.has("no-special-tokens"))
        }
    }
)

private struct TextRow: JSONRow {
    let id: JSONScalar
    let text: String

    init(_ line: JSONField) throws(ImpRAGError) {
        id = try JSONScalar(line.required("id"))
        text = try line.required("text").string()
    }
}

private struct TokenRow: JSONRow {
    let id: JSONScalar
    private(set) var ids: [Int32] = []

    init(_ line: JSONField) throws(ImpRAGError) {
        id = try JSONScalar(line.required("id"))
        for element in try line.required("ids").elements() { ids.append(try element.id()) }
    }
}

private func encodeLines(with tokenizer: Tokenizer, specialTokens: Tokenizer.SpecialTokens, addingTemplate: Bool) throws
{
    var input = try JSONLineInput<TextRow>()
    while let line = try input.next() {
        var output = JSONLine()
        output.add("id", line.row.id)
        let ids = try naming(line: line.number) {
            try tokenizer.encode(line.row.text, specialTokens: specialTokens, addingTemplate: addingTemplate)
        }
        output.add("ids", ids)
        try writeLine(output.line)
    }
}

private func decodeLines(with tokenizer: Tokenizer) throws {
    var input = try JSONLineInput<TokenRow>()
    while let line = try input.next() {
        var output = JSONLine()
        output.add("id", line.row.id)
        output.add("text", try naming(line: line.number) { try tokenizer.decode(line.row.ids) })
        try writeLine(output.line)
    }
}
