public import Core
internal import Foundation

/// A filter as people write it, in JSON:
///
///     {"field": "lang", "equals": "en"}                     the value, or a list that contains it
///     {"field": "lang", "in": ["en", "de"]}                 one of the values
///     {"field": "year", "at_least": 1990, "below": 2000}    a range; also "above" and "at_most"
///     {"all": [ … ]}   {"any": [ … ]}   {"not": { … }}
public struct FilterText {
    private static let comparisons = ["equals", "in", "at_least", "above", "at_most", "below"]
    private static let combinations = ["all", "any", "not"]

    /// Reads `text`, and checks the limits of a filter too.
    ///
    /// - Throws: `invalidArgument` with the path inside the filter, as in `filter.all[1].equals`, and what would be right.
    public static func parse(_ text: String) throws(ImpRAGError) -> Filter {
        let value: JSON
        do {
            value = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
        } catch {
            throw ImpRAGError(
                .invalidArgument,
                "the filter is not JSON; {\"field\":\"lang\",\"equals\":\"en\"} would be right", cause: nil)
        }
        let filter = try filter(value, "filter", depth: 1)
        try filter.validate()
        return filter
    }

    private static func filter(_ value: JSON, _ path: String, depth: Int) throws(ImpRAGError) -> Filter {
        guard depth <= Filter.depthLimit else {
            throw bad(path, "it is nested deeper than \(Filter.depthLimit) levels")
        }
        guard case .object(let members) = value else {
            throw bad(path, "an object such as {\"field\": \"lang\", \"equals\": \"en\"} is right, not \(value.kind)")
        }
        let known = ["field"] + comparisons + combinations
        for key in members.keys.sorted() where !known.contains(key) {
            let near = nearestName(to: key, among: known).map { "; did you mean \"\($0)\"?" }
            throw bad(path, "there is no \"\(key)\"" + (near ?? "; known: \(known.joined(separator: ", "))"))
        }
        let present = combinations.filter { members[$0] != nil }
        if let name = present.first, let inner = members[name] {
            guard members.count == 1 else {
                throw bad(path, "\"\(name)\" stands alone; put other conditions beside it into an \"all\"")
            }
            if name == "not" { return .not(try filter(inner, "\(path).not", depth: depth + 1)) }
            guard case .list(let values) = inner else {
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

    private static func comparison(_ members: [String: JSON], _ path: String) throws(ImpRAGError) -> Filter {
        guard case .string(let field)? = members["field"] else {
            let what = members["field"].map { "not \($0.kind)" } ?? "and is missing"
            throw bad(path, "\"field\" names a field of the passages, as in \"lang\", \(what)")
        }
        let present = comparisons.filter { members[$0] != nil }
        guard !present.isEmpty else {
            throw bad(path, "it says nothing about '\(field)': \(comparisons.joined(separator: ", ")) are possible")
        }
        if present.count > 1, present.contains("equals") || present.contains("in") {
            throw bad(path, "\(present.joined(separator: " and ")) do not go together; put them into an \"all\"")
        }
        if let value = members["equals"] { return .equals(field: field, try scalar(value, "\(path).equals")) }
        if let list = members["in"] {
            guard case .list(let values) = list else {
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
        _ members: [String: JSON], _ inclusive: String, _ exclusive: String, _ path: String
    ) throws(ImpRAGError) -> Filter.Bound? {
        if members[inclusive] != nil, members[exclusive] != nil {
            throw bad(path, "\(inclusive) and \(exclusive) do not go together; one bound is right")
        }
        let name = members[inclusive] == nil ? exclusive : inclusive
        guard let value = members[name] else { return nil }
        guard case .number(let number) = value else {
            throw bad("\(path).\(name)", "a number is right, not \(value.kind)")
        }
        return Filter.Bound(number, isInclusive: name == inclusive)
    }

    private static func scalar(_ value: JSON, _ path: String) throws(ImpRAGError) -> Filter.Scalar {
        switch value {
        case .string(let text): return .string(text)
        case .number(let number): return .number(number)
        default: throw bad(path, "a text or a number is right, not \(value.kind)")
        }
    }

    private static func bad(_ path: String, _ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(path): \(what)")
    }

    /// A parsed JSON value, before anybody asks what it means.
    private enum JSON: Decodable {
        case null
        case boolean(Bool)
        case number(Double)
        case string(String)
        case list([JSON])
        case object([String: JSON])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([JSON].self) {
                self = .list(value)
            } else {
                self = .object(try container.decode([String: JSON].self))
            }
        }

        /// What it is, for a message that expected something else.
        var kind: String {
            switch self {
            case .null: "null"
            case .boolean(let value): "\(value)"
            case .number(let value): "the number \(value)"
            case .string(let value): "the text \"\(value)\""
            case .list: "a list"
            case .object: "an object"
            }
        }
    }
}
