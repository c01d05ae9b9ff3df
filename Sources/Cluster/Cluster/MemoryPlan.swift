public import Core

/// What a node will keep in memory, item by item: printed before it loads and compared with its budget.
public struct MemoryPlan: Sendable, CustomStringConvertible {
    /// Program, libraries, sockets and thread stacks of any node, measured, rounded up.
    public static let base = ByteCount(64 << 20)

    private var items: [(what: String, size: ByteCount)] = [("the program", base)]

    public init() {}

    /// Adds an item, or adds to the one called `what`.
    public mutating func add(_ what: String, _ size: ByteCount) {
        guard let place = items.firstIndex(where: { $0.what == what }) else { return items.append((what, size)) }
        items[place].size = Self.sum([items[place].size, size])
    }

    public var total: ByteCount { Self.sum(items.map(\.size)) }

    /// Saturating: a sum that overflows is beyond any budget.
    private static func sum(_ sizes: [ByteCount]) -> ByteCount {
        ByteCount(
            sizes.reduce(0) { sum, size in
                let (total, overflow) = sum.addingReportingOverflow(size.bytes)
                return overflow ? .max : total
            })
    }

    /// As in `1.2 GiB: 64.0 MiB the program, 1.1 GiB vectors`.
    public var description: String {
        "\(total): " + items.map { "\($0.size) \($0.what)" }.joined(separator: ", ")
    }

    /// Reports the items as metrics, so that a node's status shows its plan.
    func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        for item in items {
            try metrics.gauge(
                "imprag_planned_bytes", "What the node said before it loaded that this part will need.",
                labels: [MetricLabel("part", item.what)]
            ).set(item.size)
        }
    }

    /// Throws `resourceExhausted` with the sum and its items when it is more than `budget`.
    public func require(within budget: ByteCount?, node: String) throws(ImpRAGError) {
        guard let budget, total > budget else { return }
        throw ImpRAGError(
            .resourceExhausted,
            "\(node) needs \(self), but its memory_budget is \(budget); raise that, or give it less to hold")
    }
}
