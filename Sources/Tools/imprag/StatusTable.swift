import Wire

/// Columns that belong together. A node that reports all of them gets a row.
struct StatusTable {
    /// The header above the nodes' names; nil for a JSON object alone.
    let title: String?
    /// The name of the object in JSON.
    let field: String
    let columns: [StatusColumn]

    private func hasRow(_ node: NodeStatus) -> Bool { columns.allSatisfy { $0.value(of: node) != nil } }

    /// Header and rows; nil when there is nothing to print.
    func rows(_ nodes: [NodeStatus]) -> [[String]]? {
        let nodes = nodes.filter(hasRow)
        guard let title, !nodes.isEmpty else { return nil }
        let columns = columns.filter { $0.title != nil }
        return [[title] + columns.compactMap(\.title)]
            + nodes.map { node in [node.name] + columns.map { $0.text(of: node) } }
    }

    /// Adds nothing for a node without a row.
    func add(_ node: NodeStatus, to line: inout JSONLine) {
        guard hasRow(node) else { return }
        var object = JSONLine()
        for column in columns { column.add(node, to: &object) }
        line.add(field, object)
    }
}
