import Client
import Core
import Wire

let statusCommand = Command(
    name: "status",
    summary: "Shows every node of a running cluster",
    discussion: """
        A node that does not answer is listed as unreachable; unless all nodes are ready and shards serve all of their
        partitions, the exit code is 1. Requests, p50 and p99 are counted since the node started.
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
            line.add("nodes", nodes.map { json($0) })
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
        let partial = nodes.filter(lacksPartitions)
        guard partial.isEmpty else {
            throw ImpRAGError(
                .unavailable, "not all partitions are served by \(partial.map(\.name).joined(separator: ", "))")
        }
    }
)

/// Whether a shard could not load a partition that it should serve.
private func lacksPartitions(_ node: NodeStatus) -> Bool {
    node.samples.total("imprag_unloaded_partitions").map { $0 > 0 } ?? false
}

/// What the last column says of a node: why it does not serve all that it should, else its zone.
private func remark(_ node: NodeStatus) -> String {
    if node.state != .ready || lacksPartitions(node) { return node.detail }
    let zone = node.samples.first { $0.name == "imprag_zone" }?.labels.first { $0.name == "zone" }?.value
    return zone.map { "zone \($0)" } ?? ""
}

private func row(_ node: NodeStatus) -> [String] {
    [
        node.name, node.role.rawValue, node.state.rawValue, node.passages > 0 ? String(node.passages) : "-",
        node.knownEpoch.map { String($0) } ?? "-",
    ]
        + nodeColumns.filter { $0.title != nil }.map { $0.text(of: node) }
        + [node.fingerprint?.short ?? "-", remark(node)]
}
