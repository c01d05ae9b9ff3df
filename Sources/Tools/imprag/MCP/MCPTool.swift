import Client
import Core
import Wire

/// What an assistant can call, and what each call takes.
enum MCPTool: String, CaseIterable {
    case search, ask

    private var summary: String {
        switch self {
        case .search:
            "Finds the passages of the corpus that fit a question best: id, title, text, score and metadata of each."
        case .ask:
            "Has the corpus's own language model read the passages that fit a question, and answer it. Gives the answer and "
                + "the passages that it rests on. The model is small: check the answer against them."
        }
    }

    /// The argument that the call cannot do without.
    var subject: String { self == .search ? "query" : "prompt" }

    /// JSON Schemas by argument, in the order in which they are listed.
    private var properties: [(name: String, schema: String)] {
        let common = [
            (
                subject,
                #"{"type":"string","minLength":1,"description":"A question in natural language, not a list of keywords."}"#
            ),
            (
                "k",
                #"{"type":"integer","minimum":\#(leastK),"description":"Passages to retrieve; by default as many as the model reads."}"#
            ),
            (
                "filter",
                #"{"type":"object","description":"Only passages whose metadata match: {\"field\":F,\"equals\":V}, {\"field\":F,\"in\":[V]}, a range {\"field\":F,\"at_least\":N,\"below\":N} (also above, at_most), or {\"all\":[FILTER]}, {\"any\":[FILTER]}, {\"not\":FILTER}."}"#
            ),
            (
                "words",
                #"{"type":"string","enum":["off","fuse","only"],"default":"off","description":"off: find passages by meaning; only: by their words; fuse: both, joined. Names and numbers are found better by words."}"#
            ),
            (
                "raw",
                #"{"type":"boolean","default":false,"description":"Take the text as it is, instead of putting it into the template of questions."}"#
            ),
        ]
        guard self == .ask else { return common }
        return common + [
            ("max_tokens", #"{"type":"integer","minimum":1,"description":"The longest answer."}"#),
            (
                "temperature",
                #"{"type":"number","minimum":0,"maximum":100,"default":0,"description":"0 takes the most probable token each time."}"#
            ),
            ("seed", #"{"type":"integer","minimum":0,"description":"The same seed gives the same answer."}"#),
        ]
    }

    private var leastK: Int { self == .search ? 1 : 0 }

    /// As `tools/list` gives it.
    var definition: JSONLine {
        var properties = JSONLine()
        for (name, schema) in self.properties { properties.add(name, raw: schema) }
        var schema = JSONLine()
        schema.add("type", "object")
        schema.add("properties", properties)
        schema.add("required", [subject])
        schema.add("additionalProperties", false)
        var line = JSONLine()
        line.add("name", rawValue)
        line.add("description", summary)
        line.add("inputSchema", schema)
        line.add("annotations", raw: #"{"readOnlyHint":true,"openWorldHint":false}"#)
        return line
    }

    /// Reads the arguments of a call.
    ///
    /// - Throws: `invalidArgument` with the path of what is wrong and what would be right.
    func request(_ arguments: JSONField) throws(ImpRAGError) -> MCPRequest {
        let known = properties.map(\.name)
        for (key, field) in try arguments.members() where !known.contains(where: { ByteString($0) == key }) {
            throw field.failure(
                "is unknown"
                    + (nearestName(to: key.text, among: known).map { "; did you mean \($0)?" }
                        ?? "; known: \(known.joined(separator: ", "))"))
        }
        let subject = try arguments.required(subject)
        let text = try subject.string()
        guard text.contains(where: { !$0.isWhitespace }) else { throw subject.failure("is empty; a question is right") }
        let prompt = try arguments.member("raw").bool(absent: false) ? text : Question.prompt(text)
        let k = try arguments.integer("k", from: leastK)
        let options = SearchOptions(filter: try arguments.filter())
        let words = WordsOptions(mode: try arguments.words())
        guard self == .ask else {
            return .search(SearchRequest(prompt: prompt, k: k, options: options, words: words))
        }
        var sampling = SamplingOptions()
        sampling.maxTokens = try arguments.integer("max_tokens", from: 1)
        sampling.seed = try arguments.integer("seed", from: 0, to: Int.max).map { UInt64($0) }
        if let temperature = try arguments.optional("temperature") {
            sampling.temperature = try temperature.double()
            guard (0...100).contains(sampling.temperature) else { throw temperature.failure("must be from 0 to 100") }
        }
        return .ask(AskRequest(prompt: prompt, k: k, sampling: sampling, options: options, words: words))
    }
}

/// A call of a tool as the cluster takes it.
enum MCPRequest: Sendable {
    case search(SearchRequest)
    case ask(AskRequest)
}

extension JSONField {
    fileprivate func integer(
        _ name: String, from least: Int, to most: Int = 1 << 30
    ) throws(ImpRAGError) -> Int? {
        guard let field = try optional(name) else { return nil }
        let value = try field.integer()
        guard (least...most).contains(value) else { throw field.failure("must be from \(least) to \(most)") }
        return value
    }

    fileprivate func words() throws(ImpRAGError) -> WordsMode {
        guard let field = try optional("words") else { return .off }
        guard let mode = WordsMode(rawValue: try field.string()) else {
            throw field.failure("must be one of \(WordsMode.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return mode
    }

    /// The filter, as an object or, as some assistants send it, as JSON in a string.
    fileprivate func filter() throws(ImpRAGError) -> Filter? {
        guard let field = try optional("filter") else { return nil }
        do throws(ImpRAGError) {
            if case .string(let text) = field.value { return try FilterText.parse(text) }
            return try FilterText.parse(field.value)
        } catch {
            throw field.problem(error.message)
        }
    }
}
