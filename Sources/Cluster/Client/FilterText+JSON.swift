public import Core

extension FilterText {
    /// `filter` as JSON, which `parse` reads back as the same.
    public static func json(_ filter: Filter) -> JSONValue {
        switch filter {
        case .equals(let field, let value): .object(["field": .string(field), "equals": json(value)])
        case .isOneOf(let field, let values): .object(["field": .string(field), "in": .array(values.map(json))])
        case .range(let field, let lower, let upper):
            .object(
                ["field": .string(field)]
                    .merging(json(lower, "at_least", "above")) { $1 }
                    .merging(json(upper, "at_most", "below")) { $1 })
        case .all(let filters): .object(["all": .array(filters.map { json($0) })])
        case .any(let filters): .object(["any": .array(filters.map { json($0) })])
        case .not(let filter): .object(["not": json(filter)])
        }
    }

    private static func json(_ bound: Filter.Bound?, _ inclusive: ByteString, _ exclusive: ByteString) -> [ByteString:
        JSONValue]
    {
        bound.map { [$0.isInclusive ? inclusive : exclusive: json($0.value)] } ?? [:]
    }

    private static func json(_ value: Filter.Scalar) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .number(let number): json(number)
        }
    }

    private static func json(_ number: Number) -> JSONValue {
        number.integer.map { .integer(Int($0)) } ?? .number(number.nearest)
    }
}
