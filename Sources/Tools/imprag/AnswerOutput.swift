import Core
import Wire

/// How much of the index an answer is based on, in words; empty when all shards answered.
func warning(_ completeness: Completeness) -> String {
    guard !completeness.isComplete else { return "" }
    let missing = completeness.shards.filter { $0.state != .answered }.map { shard in
        "\(shard.name) \(shard.state.rawValue)" + (shard.message.isEmpty ? "" : " (\(shard.message))")
    }
    return "INCOMPLETE: \(completeness.passagesSearched) of \(completeness.passagesTotal) known passages searched; "
        + missing.joined(separator: ", ")
}

/// One line per passage: rank, score, its place in each list when there were words, attention mass if known, id, title,
/// and the beginning of the text.
func sourceTable(_ passages: [ScoredPassage], attention: [Float]?, words: WordsMode) -> String {
    let head =
        ["#", "score"] + (words == .off ? [] : ["by vector", "by words"]) + (attention == nil ? [] : ["attention"])
        + ["passage", "title", "text"]
    let rows = passages.enumerated().map { index, scored -> [String] in
        let text = oneLine(scored.passage.text)
        let mass = attention.map { [index < $0.count ? fixed(Double($0[index]), 3) : "-"] } ?? []
        let lists = words == .off ? [] : [scored.byVector, scored.byWords].map(placeText)
        // Fused scores are hundredths.
        return [String(index + 1), fixed(Double(scored.score), words == .fuse ? 5 : 2)] + lists + mass
            + [
                oneLine(scored.passage.id), oneLine(scored.passage.title),
                text.count > 60 ? text.prefix(59) + "…" : text,
            ]
    }
    return table([head] + rows)
}

/// As in `3 (12.50)`: rank, score.
private func placeText(_ place: ListPlace?) -> String {
    place.map { "\($0.rank + 1) (\(fixed(Double($0.score), 2)))" } ?? "-"
}

/// `text` with spaces for line ends and anything else that moves a terminal's cursor: passages come from anywhere.
/// --json prints every character.
private func oneLine(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: " "
                default: scalar
                }
            }))
}

func json(_ passages: [ScoredPassage], attention: [Float]?) -> [JSONLine] {
    passages.enumerated().map { index, scored in
        var line = JSONLine()
        line.add("rank", scored.rank + 1)
        line.add("id", scored.passage.id)
        line.add("title", scored.passage.title)
        line.add("text", scored.passage.text)
        line.add("score", scored.score)
        for (name, place) in [("by_vector", scored.byVector), ("by_words", scored.byWords)] {
            guard let place else { continue }
            var list = JSONLine()
            list.add("rank", place.rank + 1)
            list.add("score", place.score)
            line.add(name, list)
        }
        if !scored.passage.metadata.isEmpty { line.add("metadata", json(scored.passage.metadata)) }
        if let attention, index < attention.count { line.add("attention", attention[index]) }
        return line
    }
}

func json(_ metadata: [ByteString: MetadataValue]) -> JSONLine {
    var line = JSONLine()
    for (field, value) in metadata.sorted(by: { $0.key < $1.key }) {
        switch value {
        case .string(let text): line.add(field.text, text)
        case .number(let number): line.add(field.text, raw: number.description)
        case .strings(let texts): line.add(field.text, texts)
        }
    }
    return line
}

func json(_ completeness: Completeness) -> JSONLine {
    var line = JSONLine()
    line.add("complete", completeness.isComplete)
    line.add("passages_searched", completeness.passagesSearched)
    line.add("passages_total", completeness.passagesTotal)
    line.add(
        "shards",
        completeness.shards.map { shard in
            var line = JSONLine()
            line.add("name", shard.name)
            line.add("state", shard.state.rawValue)
            if !shard.message.isEmpty { line.add("message", shard.message) }
            line.add("passages_searched", shard.passagesSearched)
            return line
        })
    return line
}

func json(_ timings: Timings) -> JSONLine {
    var line = JSONLine()
    let parts: [(String, Duration)] = [
        ("queue", timings.queue), ("prompt", timings.prompt), ("search", timings.search), ("read", timings.read),
        ("first_token", timings.firstToken), ("total", timings.total),
    ]
    for (name, duration) in parts { line.add(name, milliseconds(duration)) }
    return line
}
