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
