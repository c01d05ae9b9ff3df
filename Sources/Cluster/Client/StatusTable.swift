import Core
public import Wire

/// Columns that belong together. A node that reports all of them gets a row.
public struct StatusTable: Sendable {
    /// The header above the nodes' names; nil for a JSON object alone.
    public let title: String?
    /// The name of the object in JSON.
    public let field: String
    public let columns: [StatusColumn]

    public func hasRow(_ node: NodeStatus) -> Bool { columns.allSatisfy { $0.value(of: node) != nil } }

    /// Adds nothing for a node without a row.
    func add(_ node: NodeStatus, to line: inout JSONLine) {
        guard hasRow(node) else { return }
        var object = JSONLine()
        for column in columns { column.add(node, to: &object) }
        line.add(field, object)
    }
}
