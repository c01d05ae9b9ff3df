public import Core
public import Wire

/// Passages as `imprag ask --json` prints them, best first.
///
/// - Parameter attention: the attention mass of each, in the same order, if it is known.
public func json(_ passages: [ScoredPassage], attention: [Float]?) -> [JSONLine] {
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

/// Metadata by field, sorted.
public func json(_ metadata: [ByteString: MetadataValue]) -> JSONLine {
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

/// Which passages a token looked at.
public func json(attentionOf token: AnswerToken) -> JSONLine {
    var line = JSONLine()
    line.add("token", token.text)
    line.add("attention", token.passageAttention)
    return line
}

/// Which shards answered.
public func json(_ completeness: Completeness) -> JSONLine {
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
            line.add("duration_ms", shard.duration / .milliseconds(1))
            line.add("search_ms", shard.searchTime / .milliseconds(1))
            line.add("turn", shard.turn.rawValue)
            line.add("partitions", shard.partitions.map { json($0) })
            return line
        })
    return line
}

/// Why there is no answer.
public func json(_ abstention: Abstention) -> JSONLine {
    var line = JSONLine()
    line.add("reason", abstention.reason.rawValue)
    line.add("why", abstention.why)
    return line
}

/// A partition that was searched.
private func json(_ partition: PartitionFigures) -> JSONLine {
    var line = JSONLine()
    line.add("partition", partition.partition)
    line.add("passages", partition.passages)
    line.add("epoch", partition.epoch)
    line.add("search_ms", partition.searchTime / .milliseconds(1))
    return line
}

/// In milliseconds.
public func json(_ timings: Timings) -> JSONLine {
    var line = JSONLine()
    let parts: [(String, Duration)] = [
        ("queue", timings.queue), ("prompt", timings.prompt), ("search", timings.search), ("read", timings.read),
        ("first_token", timings.firstToken), ("total", timings.total),
    ]
    for (name, duration) in parts { line.add(name, duration / .milliseconds(1)) }
    return line
}
