/// A condition on the metadata of the passages that a search may return.
public indirect enum Filter: Hashable, Sendable {
    /// A value that a field is compared with.
    public enum Scalar: Hashable, Sendable {
        /// Compared by its bytes.
        case string(String)
        case number(Number)
    }

    /// One end of a range of numbers.
    public struct Bound: Hashable, Sendable {
        public var value: Number
        /// Whether `value` itself belongs to the range.
        public var isInclusive: Bool

        public init(_ value: Number, isInclusive: Bool) {
            self.value = value
            self.isInclusive = isInclusive
        }
    }

    /// The field is the value, or is a list that contains it. No value equals one of another type.
    case equals(field: String, Scalar)
    /// The field is, or contains, one of the values; an empty list matches nothing.
    case isOneOf(field: String, [Scalar])
    /// The field is a number within the bounds; nil means unbounded.
    case range(field: String, lower: Bound?, upper: Bound?)
    /// Every one matches; none matches everything.
    case all([Filter])
    /// At least one matches; an empty list matches nothing.
    case any([Filter])
    /// The passage does not match, for example because it lacks the field.
    case not(Filter)

    /// Limits of one filter.
    public static let depthLimit = 16
    public static let nodeLimit = 4096

    /// Throws `invalidArgument` when the filter is too large or holds a number that is not finite.
    public func validate() throws(ImpRAGError) {
        var nodes = 0
        try validate(depth: 1, nodes: &nodes)
    }

    private func validate(depth: Int, nodes: inout Int) throws(ImpRAGError) {
        guard depth <= Self.depthLimit else {
            throw ImpRAGError(.invalidArgument, "the filter is nested deeper than \(Self.depthLimit) levels")
        }
        nodes += 1
        switch self {
        case .equals(let field, let value):
            try Self.check(field)
            try Self.check(value, field)
        case .isOneOf(let field, let values):
            try Self.check(field)
            nodes += values.count
            for value in values { try Self.check(value, field) }
        case .range(let field, let lower, let upper):
            try Self.check(field)
            for bound in [lower, upper].compactMap({ $0 }) { try Self.check(.number(bound.value), field) }
        case .all(let filters), .any(let filters):
            for filter in filters { try filter.validate(depth: depth + 1, nodes: &nodes) }
        case .not(let filter): try filter.validate(depth: depth + 1, nodes: &nodes)
        }
        guard nodes <= Self.nodeLimit else {
            throw ImpRAGError(.invalidArgument, "the filter has more than \(Self.nodeLimit) conditions and values")
        }
    }

    private static func check(_ field: String) throws(ImpRAGError) {
        guard (1...MetadataValue.fieldNameByteLimit).contains(field.utf8.count) else {
            throw ImpRAGError(
                .invalidArgument,
                "the filter names a field of \(field.utf8.count) bytes; 1 to \(MetadataValue.fieldNameByteLimit) are allowed"
            )
        }
    }

    private static func check(_ value: Scalar, _ field: String) throws(ImpRAGError) {
        if case .number(let number) = value, !number.isFinite {
            throw ImpRAGError(
                .invalidArgument, "the filter compares '\(field)' with \(number); numbers must be finite")
        }
    }
}
