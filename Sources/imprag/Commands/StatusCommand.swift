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
        Of shards that keep passage states, a second table. --json has each node's kernels and settings too.
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
                            "node", "role", "state", "passages", "unindexed", "index", "recall", "memory", "requests",
                            "failed", "p50", "p99", "model", "",
                        ]
                    ]
                        + nodes.map(row)))
            let states = nodes.compactMap(stateRow)
            if !states.isEmpty {
                try writeLine(
                    "\n"
                        + table(
                            [["stored states", "entries", "bytes", "budget", "hits", "misses", "evicted", "damaged"]]
                                + states))
            }
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
        node.memoryBytes > 0 ? ByteCount(node.memoryBytes).description : "-", String(node.requests),
        String(node.failures),
        answers ? readable(node.median) : "-", answers ? readable(node.percentile99) : "-",
        node.fingerprint?.short ?? "-", node.state == .ready ? "" : node.detail,
    ]
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
        if let figures = node.states {
            var states = JSONLine()
            states.add("entries", figures.entries)
            states.add("bytes", figures.bytes.bytes)
            states.add("budget", figures.budget.bytes)
            states.add("hits", figures.hits)
            states.add("misses", figures.misses)
            states.add("evictions", figures.evictions)
            states.add("damaged", figures.damaged)
            line.add("states", states)
        }
    }
    line.add("requests", node.requests)
    line.add("failures", node.failures)
    line.add("p50_ms", milliseconds(node.median))
    line.add("p99_ms", milliseconds(node.percentile99))
    if let fingerprint = node.fingerprint { line.add("fingerprint", fingerprint.description) }
    line.add("detail", node.detail)
    return line
}
