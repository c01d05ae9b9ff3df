import Client
import Core
import Wire

let statusCommand = Command(
    name: "status",
    summary: "Shows every node of a running cluster",
    discussion: """
        A node that does not answer is listed as unreachable; unless all nodes are ready, the exit code is 1. Requests, p50 and p99 are counted since the node started.
        epoch: how far a shard has applied the collection's log, and the newest epoch that a coordinator knows. Of
        shards: the memory of the index, passages that no list holds yet, and the recall of sampled searches that were run
        again exactly, as in 0.957@10 (812): mean, k, samples.
        waiting: prompts that wait for a coordinator's layers, requests that wait for a generator. Further tables: the states that
        shards keep; the answers that generators make, and where the states of their passages came from. --json has each node's
        kernels, settings and all of its metrics too, which docs/cluster.md lists.
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
            let titles = nodeColumns.compactMap(\.title)
            try writeLine(
                table([["node", "role", "state", "passages", "epoch"] + titles + ["model", ""]] + nodes.map(row)))
            for rows in statusTables.compactMap({ $0.rows(nodes) }) { try writeLine("\n" + table(rows)) }
        }
        let others = nodes.filter { $0.state != .ready }
        guard others.isEmpty else {
            throw ImpRAGError(
                .unavailable,
                "\(others.count) of \(nodes.count) nodes "
                    + "\(others.count == 1 ? "is" : "are") not ready: \(others.map { "\($0.name) (\($0.state.rawValue))" }.joined(separator: ", "))"
            )
        }
    }
)

/// What is printed about each node: the one place that names metrics to print.
private let nodeColumns = [
    StatusColumn("unindexed", "unindexed_passages", "imprag_unindexed_passages"),
    StatusColumn("index", "index_bytes", "imprag_index_bytes", as: .bytes),
    StatusColumn("recall", nil, "imprag_recall_ratio", as: .recall),
    StatusColumn("memory", "memory_bytes", "imprag_resident_bytes", as: .bytes),
    StatusColumn("waiting", nil, "imprag_waiting_requests"),
    StatusColumn(nil, "waiting_prompts", "imprag_waiting_requests", [MetricLabel("for", "layers")]),
    StatusColumn("requests", "requests", "imprag_requests_total"),
    StatusColumn("failed", "failures", "imprag_failed_requests_total"),
    StatusColumn("p50", "p50_ms", "imprag_request_seconds", as: .quantile(0.5)),
    StatusColumn("p99", "p99_ms", "imprag_request_seconds", as: .quantile(0.99)),
]

private let statusTables = [
    StatusTable(
        title: nil, field: "recall",
        columns: [
            StatusColumn(nil, "mean", "imprag_recall_ratio"),
            StatusColumn(nil, "k", "imprag_recall_k"),
            StatusColumn(nil, "samples", "imprag_recall_samples"),
        ]),
    StatusTable(
        title: "stored states", field: "states",
        columns: [
            StatusColumn("entries", "entries", "imprag_stored_states"),
            StatusColumn("bytes", "bytes", "imprag_stored_state_bytes", as: .bytes),
            StatusColumn("budget", "budget", "imprag_stored_state_limit_bytes", as: .bytes),
            StatusColumn("hits", "hits", "imprag_state_hits_total"),
            StatusColumn("misses", "misses", "imprag_state_misses_total"),
            StatusColumn("evicted", "evictions", "imprag_evicted_states_total"),
            StatusColumn("damaged", "damaged", "imprag_damaged_states_total"),
        ]),
    StatusTable(
        title: "answers", field: "generation",
        columns: [
            StatusColumn("active", "active", "imprag_active_requests"),
            StatusColumn("waiting", "waiting", "imprag_waiting_requests"),
            StatusColumn("bytes", "bytes", "imprag_answer_bytes", as: .bytes),
            StatusColumn("limit", "limit", "imprag_answer_limit_bytes", as: .bytes),
            StatusColumn("suspended", "suspensions", "imprag_suspensions_total"),
            StatusColumn("tokens", "tokens", "imprag_tokens_total"),
        ]),
    StatusTable(
        title: "passages read", field: "passage_tier",
        columns: [
            StatusColumn("remembered", "remembered", "imprag_read_passages_total", [MetricLabel("from", "memory")]),
            StatusColumn("fetched", "fetched", "imprag_read_passages_total", [MetricLabel("from", "shard")]),
            StatusColumn("computed", "computed", "imprag_read_passages_total", [MetricLabel("from", "text")]),
            StatusColumn("damaged", "damaged", "imprag_damaged_states_total"),
            StatusColumn("failed", "failures", "imprag_failed_state_calls_total"),
            StatusColumn("stored", "stored", "imprag_sent_states_total"),
            StatusColumn("dropped", "dropped", "imprag_dropped_states_total"),
            StatusColumn("entries", "entries", "imprag_cached_states"),
            StatusColumn("bytes", "bytes", "imprag_cached_state_bytes", as: .bytes),
            StatusColumn("limit", "limit", "imprag_cached_state_limit_bytes", as: .bytes),
        ]),
]

/// Nil for a node that follows no log, or does not say yet how far it has come.
private func knownEpoch(_ node: NodeStatus) -> Int? {
    node.epoch > 0 || (node.role != .generator && node.state == .ready) ? node.epoch : nil
}

private func row(_ node: NodeStatus) -> [String] {
    [
        node.name, node.role.rawValue, node.state.rawValue, node.passages > 0 ? String(node.passages) : "-",
        knownEpoch(node).map { String($0) } ?? "-",
    ]
        + nodeColumns.filter { $0.title != nil }.map { $0.text(of: node) }
        + [node.fingerprint?.short ?? "-", node.state == .ready ? "" : node.detail]
}

/// What a node does not report is absent.
private func json(_ node: NodeStatus) -> JSONLine {
    var line = JSONLine()
    line.add("name", node.name)
    line.add("role", node.role.rawValue)
    line.add("state", node.state.rawValue)
    line.add("passages", node.passages)
    if let epoch = knownEpoch(node) { line.add("epoch", epoch) }
    for column in nodeColumns { column.add(node, to: &line) }
    for table in statusTables { table.add(node, to: &line) }
    if let fingerprint = node.fingerprint { line.add("fingerprint", fingerprint.description) }
    line.add("detail", node.detail)
    line.add("samples", node.samples.map { JSONLine($0) })
    return line
}
