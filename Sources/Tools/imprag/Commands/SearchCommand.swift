import Client
import Core
import Wire

let searchCommand = Command(
    name: "search",
    summary: "Shows the passages that a prompt retrieves, without an answer",
    discussion: """
        The passages stand best first, with the inner product that found them. With --words, score is what joins both lists, or
        the score by words, and two columns show each list's rank and score of the passage. A filter is
        {"field":F,"equals":V}, {"field":F,"in":[V,…]}, a range such as {"field":F,"at_least":N,"below":N} (also above,
        at_most), or {"all":[…]}, {"any":[…]}, {"not":{…}} of filters. --json shows the passages' metadata too.
        """,
    positional: "PROMPT",
    options: promptOptions + searchOptionList + wordsOptionList + [.flag("json", "print one JSON object")]
        + clientOptions,
    example: "imprag search \"What is the capital of Peru?\" --k 10",
    run: { arguments in
        let request = SearchRequest(
            prompt: try prompt(arguments), k: try arguments.integer("k", in: 1...(1 << 30)),
            completeness: completenessPolicy(arguments), options: try searchOptions(arguments),
            words: try wordsOptions(arguments))
        let deadline = try deadline(arguments)
        let client = try makeClient(arguments)
        defer { client.close() }
        let reply = try await client.search(request, deadline: deadline)
        if arguments.has("json") {
            try writeLine(json(reply).line)
        } else {
            let none = request.options.filter == nil ? "no passages" : "no passage matches the filter"
            try writeLine(
                reply.passages.isEmpty ? none : sourceTable(reply.passages, attention: nil, words: request.words.mode))
            try writeLine(
                "\(reply.completeness.passagesSearched) passages searched in \(readable(reply.timings.search)), "
                    + "all after \(readable(reply.timings.total))")
            if !reply.completeness.isComplete { try writeLine(warning(reply.completeness)) }
        }
    }
)

func json(_ reply: SearchReply) -> JSONLine {
    var line = JSONLine()
    line.add("passages", json(reply.passages, attention: nil))
    line.add("complete", reply.completeness.isComplete)
    line.add("completeness", json(reply.completeness))
    line.add("timings_ms", json(reply.timings))
    return line
}
