import Client
import Core
import Wire

extension StatusColumn {
    /// The cell of a table.
    func text(of node: NodeStatus) -> String {
        guard let value = value(of: node) else { return "-" }
        switch form {
        case .number: return JSONLine.digits(value)
        case .bytes: return ByteCount(Int(exactly: value.rounded()) ?? .max).description
        // A duration is bounded, whatever a node reports.
        case .quantile: return readable(.seconds(min(value, 1e9)))
        case .recall:
            let k = node.samples.total("imprag_recall_k") ?? 0
            let samples = node.samples.total("imprag_recall_samples") ?? 0
            return "\(fixed(value, 3))@\(JSONLine.digits(k)) (\(JSONLine.digits(samples)))"
        }
    }
}

extension StatusTable {
    /// Header and rows; nil when there is nothing to print.
    func rows(_ nodes: [NodeStatus]) -> [[String]]? {
        let nodes = nodes.filter(hasRow)
        guard let title, !nodes.isEmpty else { return nil }
        let columns = columns.filter { $0.title != nil }
        return [[title] + columns.compactMap(\.title)]
            + nodes.map { node in [node.name] + columns.map { $0.text(of: node) } }
    }
}
