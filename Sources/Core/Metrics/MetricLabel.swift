/// Tells metrics of one name apart, as in `part="weights"`.
public struct MetricLabel: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
