import Client
import Core
import Wire

let statusCommand = Command(
    name: "status",
    summary: "Shows every node of a running cluster",
    discussion: """
        A node that does not answer is listed as unreachable. Requests are counted since the node started; p50 and p99 are
        over its latest requests. --json has each node's kernels and settings too.
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
                    [["node", "role", "state", "passages", "memory", "requests", "failed", "p50", "p99", "model", ""]]
                        + nodes.map(row)))
        }
    }
)

private func row(_ node: NodeStatus) -> [String] {
    let answers = node.requests > 0
    return [
        node.name, node.role.rawValue, node.state.rawValue, node.passages > 0 ? String(node.passages) : "-",
        node.memoryBytes > 0 ? ByteCount(node.memoryBytes).description : "-", String(node.requests),
        String(node.failures),
        answers ? readable(node.median) : "-", answers ? readable(node.percentile99) : "-",
        node.fingerprint?.short ?? "-", node.state == .ready ? "" : node.detail,
    ]
}

private func json(_ node: NodeStatus) -> JSONLine {
    var line = JSONLine()
    line.add("name", node.name)
    line.add("role", node.role.rawValue)
    line.add("state", node.state.rawValue)
    line.add("passages", node.passages)
    line.add("memory_bytes", node.memoryBytes)
    line.add("requests", node.requests)
    line.add("failures", node.failures)
    line.add("p50_ms", milliseconds(node.median))
    line.add("p99_ms", milliseconds(node.percentile99))
    if let fingerprint = node.fingerprint { line.add("fingerprint", fingerprint.description) }
    line.add("detail", node.detail)
    return line
}
