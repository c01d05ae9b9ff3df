import Core
public import Wire

/// A figure of `imprag status`: a column of a table, a field of the JSON object, or both, computed from a node's
/// samples.
public struct StatusColumn: Sendable {
    public enum Form: Sendable {
        case number
        case bytes
        /// A quantile of a histogram of seconds.
        case quantile(Double)
        /// As in `0.957@10 (812)`: mean, k, samples.
        case recall
    }

    /// The column's header; nil for a field alone.
    public let title: String?
    /// The name in JSON; nil for a column alone.
    public let field: String?
    let metric: String
    private let labels: [MetricLabel]
    public let form: Form

    init(_ title: String?, _ field: String?, _ metric: String, _ labels: [MetricLabel] = [], as form: Form = .number) {
        self.title = title
        self.field = field
        self.metric = metric
        self.labels = labels
        self.form = form
    }

    /// Nil when the node does not report it.
    public func value(of node: NodeStatus) -> Double? {
        if case .quantile(let quantile) = form { return node.samples.histogram(metric)?.quantile(quantile) }
        return node.samples.total(metric, labels)
    }

    /// Adds nothing when the node does not report it.
    func add(_ node: NodeStatus, to line: inout JSONLine) {
        guard let field, let value = value(of: node) else { return }
        // Quantiles are in milliseconds, like all times in JSON.
        if case .quantile = form { return line.add(field, value * 1000) }
        line.add(field, raw: JSONLine.digits(value))
    }
}
