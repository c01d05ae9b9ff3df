import Core
import Wire

/// A figure of `imprag status`: a column of a table, a field of the JSON object, or both, computed from a node's
/// samples.
struct StatusColumn {
    enum Form {
        case number
        case bytes
        /// A quantile of a histogram of seconds.
        case quantile(Double)
        /// As in `0.957@10 (812)`: mean, k, samples.
        case recall
    }

    /// The column's header; nil for a field alone.
    let title: String?
    /// The name in JSON; nil for a column alone.
    let field: String?
    private let metric: String
    private let labels: [MetricLabel]
    private let form: Form

    init(_ title: String?, _ field: String?, _ metric: String, _ labels: [MetricLabel] = [], as form: Form = .number) {
        self.title = title
        self.field = field
        self.metric = metric
        self.labels = labels
        self.form = form
    }

    /// Nil when the node does not report it.
    func value(of node: NodeStatus) -> Double? {
        if case .quantile(let quantile) = form { return node.samples.histogram(metric)?.quantile(quantile) }
        return node.samples.total(metric, labels)
    }

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

    /// Adds nothing when the node does not report it.
    func add(_ node: NodeStatus, to line: inout JSONLine) {
        guard let field, let value = value(of: node) else { return }
        // Quantiles are in milliseconds, like all times in JSON.
        if case .quantile = form { return line.add(field, value * 1000) }
        line.add(field, raw: JSONLine.digits(value))
    }
}
