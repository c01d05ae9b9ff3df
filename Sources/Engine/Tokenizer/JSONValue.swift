import Core

/// A JSON value as a tree; for settings, not for vocabularies.
enum JSONValue {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// A value of the file together with the name of the field that holds it, so that every message can say where.
struct JSONField {
    let path: String
    let name: String
    let value: JSONValue

    func failure(_ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(path): \(name) \(what)")
    }

    var isNull: Bool {
        if case .null = value { true } else { false }
    }

    /// The member `key`; null when it is absent.
    func member(_ key: String) throws(ImpRAGError) -> JSONField {
        guard case .object(let members) = value else { throw failure("must be an object") }
        return JSONField(path: path, name: "\(name).\(key)", value: members[key] ?? .null)
    }

    /// Every member, in the order of the keys.
    func members() throws(ImpRAGError) -> [(key: String, field: JSONField)] {
        guard case .object(let members) = value else { throw failure("must be an object") }
        return members.sorted { $0.key < $1.key }.map {
            ($0.key, JSONField(path: path, name: "\(name).\($0.key)", value: $0.value))
        }
    }

    func elements() throws(ImpRAGError) -> [JSONField] {
        guard case .array(let elements) = value else { throw failure("must be an array") }
        return elements.enumerated().map { JSONField(path: path, name: "\(name)[\($0.offset)]", value: $0.element) }
    }

    func string() throws(ImpRAGError) -> String {
        guard case .string(let text) = value else { throw failure("must be a string") }
        return text
    }

    /// - Parameter absent: what a missing or null field means; without it the field is required.
    func bool(absent: Bool? = nil) throws(ImpRAGError) -> Bool {
        if case .bool(let truth) = value { return truth }
        if isNull, let absent { return absent }
        throw failure("must be true or false")
    }

    /// A whole number of at most 32 bits that is not negative.
    func id() throws(ImpRAGError) -> Int32 {
        guard case .number(let number) = value, let id = Int32(exactly: number), id >= 0 else {
            throw failure("must be a whole number from 0 to \(Int32.max)")
        }
        return id
    }
}
