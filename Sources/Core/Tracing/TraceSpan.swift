/// A piece of work on a request, from its start to its end: one line of a trace.
public struct TraceSpan: Sendable {
    public enum Kind: Int, Sendable {
        /// Work within a node. (The numbers are OTLP's.)
        case inside = 1
        /// A request at the node that answers it.
        case server = 2
        /// A request at the node that sends it.
        case client = 3
    }

    public enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
    }

    public struct Attribute: Hashable, Sendable {
        public let name: String
        public let value: Value

        public init(_ name: String, _ value: Int) { (self.name, self.value) = (name, .number(value)) }

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, .text(value)) }
    }

    public let context: TraceContext
    /// The span that caused it; nil for the first of a trace.
    public let parent: UInt64?
    public let kind: Kind
    public let name: String
    public let start: ContinuousClock.Instant
    public let end: ContinuousClock.Instant
    public let attributes: [Attribute]
    /// How it failed.
    public let failure: ErrorCode?
}
