import Client
import Core
import Wire

let statusCommand = Command(
    name: "status",
    summary: "Shows every node of a running cluster",
    discussion: """
        A node that does not answer is listed as unreachable. Requests are counted since the node started; p50 and p99 are
        over its latest requests. Of shards: the memory of the index, passages that no list holds yet, and the recall of
        sampled searches that were run again exactly, as in 0.957@10 (812): mean, k, samples.
        waiting: prompts that wait for a coordinator's layers, requests that wait for a generator. Further tables: the states that
        shards keep; the answers that generators make, and where the states of their passages came from. --json has each node's kernels and settings too.
        """,
    options: [.flag("json", "print one JSON object")] + clientOptions,
    example: "imprag status",
    run: { arguments in
        let deadline = try deadline(arguments)
        let client = try makeClient(arguments)
        defer { client.close() }
        let nodes = try await client.status(deadline: deadline)
        if arguments.has("json") {
            var line = JSONLine()
            line.add("nodes", nodes.map(json))
            try writeLine(line.line)
        } else {
            try writeLine(
                table(
                    [
                        [
                            "node", "role", "state", "passages", "unindexed", "index", "recall", "memory", "waiting",
                            "requests", "failed", "p50", "p99", "model", "",
                        ]
                    ]
                        + nodes.map(row)))
            try writeTable(
                ["stored states", "entries", "bytes", "budget", "hits", "misses", "evicted", "damaged"],
                nodes.compactMap(stateRow))
            try writeTable(
                ["answers", "active", "waiting", "bytes", "limit", "suspended", "tokens"], nodes.compactMap(answerRow))
            try writeTable(
                [
                    "passages read", "remembered", "fetched", "computed", "damaged", "failed", "stored", "dropped",
                    "entries", "bytes", "limit",
                ], nodes.compactMap(passageRow))
        }
    }
)

private func row(_ node: NodeStatus) -> [String] {
    let answers = node.requests > 0
    return [
        node.name, node.role.rawValue, node.state.rawValue, node.passages > 0 ? String(node.passages) : "-",
        node.role == .shard ? String(node.unindexedPassages) : "-",
        node.indexBytes > 0 ? ByteCount(node.indexBytes).description : "-",
        node.recall.map { "\(fixed($0.mean, 3))@\($0.k) (\($0.samples))" } ?? "-",
        node.memoryBytes > 0 ? ByteCount(node.memoryBytes).description : "-", waiting(node) ?? "-",
        String(node.requests), String(node.failures),
        answers ? readable(node.median) : "-", answers ? readable(node.percentile99) : "-",
        node.fingerprint?.short ?? "-", node.state == .ready ? "" : node.detail,
    ]
}

/// Prints nothing where no node has a row.
private func writeTable(_ head: [String], _ rows: [[String]]) throws {
    guard !rows.isEmpty else { return }
    try writeLine("\n" + table([head] + rows))
}

/// Nil for a node where nothing waits that is counted.
private func waiting(_ node: NodeStatus) -> String? {
    if let generation = node.generation { return String(generation.waiting) }
    return node.role == .coordinator && node.state == .ready ? String(node.waitingPrompts) : nil
}

/// Nil for a node that makes no answers.
private func answerRow(_ node: NodeStatus) -> [String]? {
    node.generation.map { answers in
        [
            node.name, String(answers.active), String(answers.waiting), answers.bytes.description,
            answers.limit.description, String(answers.suspensions), String(answers.tokens),
        ]
    }
}

/// Nil for a node that reads no passages.
private func passageRow(_ node: NodeStatus) -> [String]? {
    node.passageTier.map { tier in
        [
            node.name, String(tier.remembered), String(tier.fetched), String(tier.computed), String(tier.damaged),
            String(tier.failures), String(tier.stored), String(tier.dropped), String(tier.entries),
            tier.bytes.description, tier.limit.description,
        ]
    }
}

/// Nil for a node that keeps no passage states.
private func stateRow(_ node: NodeStatus) -> [String]? {
    node.states.map { states in
        [
            node.name, String(states.entries), states.bytes.description, states.budget.description,
            String(states.hits), String(states.misses), String(states.evictions), String(states.damaged),
        ]
    }
}

private func json(_ node: NodeStatus) -> JSONLine {
    var line = JSONLine()
    line.add("name", node.name)
    line.add("role", node.role.rawValue)
    line.add("state", node.state.rawValue)
    line.add("passages", node.passages)
    line.add("memory_bytes", node.memoryBytes)
    if node.role == .shard {
        line.add("unindexed_passages", node.unindexedPassages)
        line.add("index_bytes", node.indexBytes)
        if let recall = node.recall {
            var meter = JSONLine()
            meter.add("mean", recall.mean)
            meter.add("k", recall.k)
            meter.add("samples", recall.samples)
            line.add("recall", meter)
        }
        if let figures = node.states { line.add("states", json(figures)) }
    }
    if node.role == .coordinator { line.add("waiting_prompts", node.waitingPrompts) }
    if let figures = node.generation { line.add("generation", json(figures)) }
    if let figures = node.passageTier { line.add("passage_tier", json(figures)) }
    line.add("requests", node.requests)
    line.add("failures", node.failures)
    line.add("p50_ms", milliseconds(node.median))
    line.add("p99_ms", milliseconds(node.percentile99))
    if let fingerprint = node.fingerprint { line.add("fingerprint", fingerprint.description) }
    line.add("detail", node.detail)
    return line
}

private func json(_ figures: StateStoreFigures) -> JSONLine {
    var line = JSONLine()
    line.add("entries", figures.entries)
    line.add("bytes", figures.bytes.bytes)
    line.add("budget", figures.budget.bytes)
    line.add("hits", figures.hits)
    line.add("misses", figures.misses)
    line.add("evictions", figures.evictions)
    line.add("damaged", figures.damaged)
    return line
}

private func json(_ figures: GenerationFigures) -> JSONLine {
    var line = JSONLine()
    line.add("active", figures.active)
    line.add("waiting", figures.waiting)
    line.add("bytes", figures.bytes.bytes)
    line.add("limit", figures.limit.bytes)
    line.add("suspensions", figures.suspensions)
    line.add("tokens", figures.tokens)
    return line
}

private func json(_ figures: PassageTierFigures) -> JSONLine {
    var line = JSONLine()
    line.add("remembered", figures.remembered)
    line.add("fetched", figures.fetched)
    line.add("computed", figures.computed)
    line.add("damaged", figures.damaged)
    line.add("failures", figures.failures)
    line.add("stored", figures.stored)
    line.add("dropped", figures.dropped)
    line.add("entries", figures.entries)
    line.add("bytes", figures.bytes.bytes)
    line.add("limit", figures.limit.bytes)
    return line
}
