import Core

/// A string or a number, echoed unchanged: the `id` of an input line.
enum JSONScalar {
    case string(String)
    /// Its digits: an id is a name, and no digit of it may be lost.
    case number(String)

    init(_ field: JSONField) throws(ImpRAGError) {
        switch field.value {
        case .string(let text): self = .string(text)
        case .integer, .number, .digits: self = .number(field.value.text)
        default: throw field.failure("must be a string or a number")
        }
    }
}

extension JSONLine {
    mutating func add(_ name: String, _ value: JSONScalar) {
        switch value {
        case .string(let string): add(name, string)
        case .number(let digits): add(name, raw: digits)
        }
    }
}
