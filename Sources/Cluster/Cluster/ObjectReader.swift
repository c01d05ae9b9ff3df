import Core

/// Everything that is wrong with a file, in the order found. Owned by one reading.
final class Problems {
    private(set) var lines: [String] = []

    func add(_ path: String, _ message: String) {
        lines.append("\(path): \(message)")
    }
}

/// Takes the fields out of one JSON object and remembers which it knows, so that the others can be refused.
///
/// A wrong field is reported to `problems` and reads as its default, so that one reading finds everything.
struct ObjectReader {
    /// As in `nodes[2]`; empty for the file's own object.
    let path: String
    let problems: Problems
    private let members: [ByteString: JSONValue]
    private var known: Set<String> = []

    init(_ value: JSONValue, path: String, problems: Problems) {
        self.path = path
        self.problems = problems
        if case .object(let members) = value {
            self.members = members
        } else {
            members = [:]
            problems.add(path.isEmpty ? "the file" : path, "an object { … } is right, not \(value.kind)")
        }
    }

    /// The path of a field of this object.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func report(_ key: String, _ message: String) {
        problems.add(path(of: key), message)
    }

    /// The value of a field; null counts as absent.
    mutating func value(_ key: String) -> JSONValue? {
        known.insert(key)
        guard let value = members[ByteString(key)] else { return nil }
        if case .null = value { return nil }
        return value
    }

    mutating func string(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value, !text.isEmpty else {
            report(key, "a text that is not empty is right, not \(value.kind)")
            return nil
        }
        return text
    }

    mutating func requiredString(_ key: String, _ meaning: String) -> String? {
        if value(key) == nil { report(key, "is missing: \(meaning)") }
        return string(key)
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            report(key, "a whole number from \(range.lowerBound) to \(range.upperBound) is right, not \(value.kind)")
            return nil
        }
        return number
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double, range.contains(number) else {
            report(key, "a number from \(range.lowerBound) to \(range.upperBound) is right, not \(value.kind)")
            return nil
        }
        return number
    }

    mutating func boolean(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let truth) = value else {
            report(key, "true or false is right, not \(value.kind)")
            return nil
        }
        return truth
    }

    /// A number of bytes: a whole number, or a text such as "1.5 GiB".
    ///
    /// - Parameter orNone: whether 0 is right too.
    mutating func byteCount(_ key: String, orNone: Bool = false) -> ByteCount? {
        guard let value = value(key) else { return nil }
        switch value {
        case .integer(let bytes) where bytes > 0 || orNone && bytes == 0: return ByteCount(bytes)
        case .string(let text):
            if let count = ByteCount(text) { return count }
            fallthrough
        default:
            report(key, "a number of bytes or a text such as \"1.5 GiB\" is right, not \(value.kind)")
            return nil
        }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, of type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let value = value(key) else { return nil }
        if case .string(let text) = value, let choice = Value(rawValue: text) { return choice }
        let right = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        report(key, "one of \(right) is right, not \(value.kind)")
        return nil
    }

    mutating func list(_ key: String) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard case .array(let values) = value else {
            report(key, "a list [ … ] is right, not \(value.kind)")
            return nil
        }
        return values
    }

    /// Reports every field that nobody asked for, with the nearest known name. Call after the last field.
    func reportUnknown() {
        for key in members.keys.sorted().map(\.text) where !known.contains(key) {
            let near = nearestName(to: key, among: known.sorted())
            let hint =
                near.map { "; did you mean \"\($0)\"?" } ?? "; known here: \(known.sorted().joined(separator: ", "))"
            report(key, "there is no such field\(hint)")
        }
    }
}
