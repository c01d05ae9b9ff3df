public import Core
public import Wire

/// What is printed about each node: the one place that names metrics to print.
public let nodeColumns = [
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

/// What belongs together.
public let statusTables = [
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
        title: "several tokens a pass", field: "proposals",
        columns: [
            StatusColumn("passes", "passes", "imprag_decode_steps_total"),
            StatusColumn("proposed", "proposed", "imprag_proposed_tokens_total"),
            StatusColumn("accepted", "accepted", "imprag_accepted_tokens_total"),
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

extension NodeStatus {
    /// Nil for a node that follows no log, or does not say yet how far it has come.
    public var knownEpoch: Int? { epoch > 0 || (role != .generator && state == .ready) ? epoch : nil }
}

/// A node as `imprag status --json` prints it. What it does not report is absent.
public func json(_ node: NodeStatus) -> JSONLine {
    var line = JSONLine()
    line.add("name", node.name)
    line.add("role", node.role.rawValue)
    line.add("state", node.state.rawValue)
    line.add("passages", node.passages)
    if let epoch = node.knownEpoch { line.add("epoch", epoch) }
    if !node.collection.isEmpty { line.add("collection", node.collection) }
    if !node.aliases.isEmpty { line.add("aliases", node.aliases) }
    if node.dimension > 0 { line.add("dimension", node.dimension) }
    for column in nodeColumns { column.add(node, to: &line) }
    for table in statusTables { table.add(node, to: &line) }
    if let fingerprint = node.fingerprint { line.add("fingerprint", fingerprint.description) }
    line.add("detail", node.detail)
    line.add("samples", node.samples.map { JSONLine($0) })
    return line
}
