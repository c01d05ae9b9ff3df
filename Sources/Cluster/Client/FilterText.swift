public import Core

/// A filter as people write it, in JSON:
///
///     {"field": "lang", "equals": "en"}                     the value, or a list that contains it
///     {"field": "lang", "in": ["en", "de"]}                 one of the values
///     {"field": "year", "at_least": 1990, "below": 2000}    a range; also "above" and "at_most"
///     {"all": [ … ]}   {"any": [ … ]}   {"not": { … }}
public struct FilterText {
    private static let comparisons = ["equals", "in", "at_least", "above", "at_most", "below"]
    private static let combinations = ["all", "any", "not"]

    /// Parses `text` and checks a filter's limits.
    ///
    /// - Throws: `invalidArgument` with the path inside the filter, as in `filter.all[1].equals`, and what would be
    ///   right.
    public static func parse(_ text: String) throws(ImpRAGError) -> Filter {
        try filter(JSONScanner.value(.text("the filter"), bytes: Array(text.utf8)))
    }

    /// The same from JSON that has been read.
    public static func filter(_ value: JSONValue) throws(ImpRAGError) -> Filter {
        let filter = try filter(value, "filter", depth: 1)
        try filter.validate()
        return filter
    }

    private static func filter(_ value: JSONValue, _ path: String, depth: Int) throws(ImpRAGError) -> Filter {
        guard depth <= Filter.depthLimit else {
            throw bad(path, "it is nested deeper than \(Filter.depthLimit) levels")
        }
        guard case .object(let members) = value else {
            throw bad(path, "an object such as {\"field\": \"lang\", \"equals\": \"en\"} is right, not \(value.kind)")
        }
        let known = ["field"] + comparisons + combinations
        for key in members.keys.sorted().map(\.text) where !known.contains(key) {
            let near = nearestName(to: key, among: known).map { "; did you mean \"\($0)\"?" }
            throw bad(path, "there is no \"\(key)\"" + (near ?? "; known: \(known.joined(separator: ", "))"))
        }
        let present = combinations.filter { members[ByteString($0)] != nil }
        if let name = present.first, let inner = members[ByteString(name)] {
            guard members.count == 1 else {
                throw bad(path, "\"\(name)\" stands alone; put other conditions beside it into an \"all\"")
            }
            if name == "not" { return .not(try filter(inner, "\(path).not", depth: depth + 1)) }
            guard case .array(let values) = inner else {
                throw bad("\(path).\(name)", "a list of filters is right, not \(inner.kind)")
            }
            var filters: [Filter] = []
            for (place, value) in values.enumerated() {
                filters.append(try filter(value, "\(path).\(name)[\(place)]", depth: depth + 1))
            }
            return name == "all" ? .all(filters) : .any(filters)
        }
        return try comparison(members, path)
    }

    private static func comparison(_ members: [ByteString: JSONValue], _ path: String) throws(ImpRAGError) -> Filter {
        guard case .string(let field)? = members["field"] else {
            let what = members["field"].map { "not \($0.kind)" } ?? "and is missing"
            throw bad(path, "\"field\" names a field of the passages, as in \"lang\", \(what)")
        }
        let present = comparisons.filter { members[ByteString($0)] != nil }
        guard !present.isEmpty else {
            throw bad(path, "it says nothing about '\(field)': \(comparisons.joined(separator: ", ")) are possible")
        }
        if present.count > 1, present.contains("equals") || present.contains("in") {
            throw bad(path, "\(present.joined(separator: " and ")) do not go together; put them into an \"all\"")
        }
        if let value = members["equals"] { return .equals(field: field, try scalar(value, "\(path).equals")) }
        if let list = members["in"] {
            guard case .array(let values) = list else {
                throw bad("\(path).in", "a list of texts or numbers is right, not \(list.kind)")
            }
            var scalars: [Filter.Scalar] = []
            for (place, value) in values.enumerated() { scalars.append(try scalar(value, "\(path).in[\(place)]")) }
            return .isOneOf(field: field, scalars)
        }
        return .range(
            field: field, lower: try bound(members, "at_least", "above", path),
            upper: try bound(members, "at_most", "below", path))
    }

    private static func bound(
        _ members: [ByteString: JSONValue], _ inclusive: String, _ exclusive: String, _ path: String
    ) throws(ImpRAGError) -> Filter.Bound? {
        let (open, closed) = (members[ByteString(exclusive)], members[ByteString(inclusive)])
        if open != nil, closed != nil {
            throw bad(path, "\(inclusive) and \(exclusive) do not go together; one bound is right")
        }
        guard let value = closed ?? open else { return nil }
        let name = closed == nil ? exclusive : inclusive
        return Filter.Bound(try number(value, "\(path).\(name)"), isInclusive: closed != nil)
    }

    private static func scalar(_ value: JSONValue, _ path: String) throws(ImpRAGError) -> Filter.Scalar {
        switch value {
        case .string(let text): return .string(text)
        case .integer, .number, .digits: return .number(try number(value, path))
        default: throw bad(path, "a text or a number is right, not \(value.kind)")
        }
    }

    private static func number(_ value: JSONValue, _ path: String) throws(ImpRAGError) -> Number {
        guard value.double != nil else { throw bad(path, "a number is right, not \(value.kind)") }
        do throws(JSONProblem) {
            return try Number(json: value)
        } catch {
            throw bad(path, error.message)
        }
    }

    private static func bad(_ path: String, _ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(path): \(what)")
    }
}
