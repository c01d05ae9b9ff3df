/// Reads the fields of one JSON object and remembers which were asked for, so that the others can be refused.
///
/// A wrong field is reported to `problems` and reads as its default, so that one pass finds every problem.
public struct ObjectReader {
    /// How messages say where something is wrong, and what.
    public enum Wording: Sendable {
        /// `nodes[2].threads: a whole number from 1 to 1024 is right, not the number 0`.
        case path
        /// `config.json, imprag: top_k is -1; a whole number from 0 to 65536 is expected`.
        case sentence
    }

    /// As in `nodes[2]` or `config.json, imprag`; empty for the outermost object of a file that the caller names.
    public let path: String
    public let problems: Problems
    public let members: [ByteString: JSONValue]
    private let wording: Wording
    private var known: Set<ByteString> = []

    public init(
        _ members: [ByteString: JSONValue], path: String, problems: Problems, wording: Wording = .path
    ) {
        self.members = members
        self.path = path
        self.problems = problems
        self.wording = wording
    }

    /// Reads a value that must be an object; any other is reported and treated as an empty object.
    public init(_ value: JSONValue, path: String, problems: Problems) {
        if case .object(let members) = value {
            self.init(members, path: path, problems: problems)
        } else {
            problems.add(path.isEmpty ? "the file" : path, "an object { … } is right, not \(value.kind)")
            self.init([:], path: path, problems: problems)
        }
    }

    // MARK: Reporting

    /// Reports what is wrong with the object.
    public func report(_ sentence: String) {
        problems.add(path, sentence)
    }

    /// Reports what is wrong with the field `key`.
    public func report(_ key: String, _ message: String) {
        switch wording {
        case .path: problems.add(path.isEmpty ? key : "\(path).\(key)", message)
        case .sentence: report("\(key) \(message)")
        }
    }

    private func report(_ key: String, _ value: JSONValue, right: String) {
        switch wording {
        case .path: report(key, "\(right) is right, not \(value.kind)")
        case .sentence: report(key, "is \(value.text); \(right) is expected")
        }
    }

    /// Reports every field that nobody asked for, with the nearest known name. Call after the last field.
    ///
    /// - Parameter misspelledOnly: whether those pass that are no typo of a known one.
    public func reportUnknown(misspelledOnly: Bool = false) {
        let names = known.sorted().map(\.text)
        for key in members.keys.sorted() where !known.contains(key) {
            let near = nearestName(to: key.text, among: names)
            guard near != nil || !misspelledOnly else { continue }
            let hint = near.map { "; did you mean \"\($0)\"?" } ?? "; known here: \(names.joined(separator: ", "))"
            report(key.text, "there is no such field\(hint)")
        }
    }

    // MARK: Fields

    /// The value of a field; null counts as absent.
    public mutating func value(_ key: String) -> JSONValue? {
        known.insert(ByteString(key))
        guard let value = members[ByteString(key)] else { return nil }
        if case .null = value { return nil }
        return value
    }

    /// A non-empty text.
    public mutating func string(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value, !text.isEmpty else {
            report(key, value, right: "a text that is not empty")
            return nil
        }
        return text
    }

    public mutating func requiredString(_ key: String, _ meaning: String) -> String? {
        if value(key) == nil { report(key, "is missing: \(meaning)") }
        return string(key)
    }

    public mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            report(key, value, right: Self.integer(in: range))
            return nil
        }
        return number
    }

    /// A required field; the range's lower bound when it is missing.
    public mutating func requiredInteger(_ key: String, in range: ClosedRange<Int>) -> Int {
        if value(key) == nil { report(key, "is missing; \(Self.integer(in: range)) is expected") }
        return integer(key, in: range) ?? range.lowerBound
    }

    public mutating func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double, range.contains(number) else {
            report(key, value, right: Self.number(in: range))
            return nil
        }
        return number
    }

    /// A required field; the range's lower bound when it is missing.
    public mutating func requiredNumber(_ key: String, in range: ClosedRange<Double>) -> Double {
        if value(key) == nil { report(key, "is missing; \(Self.number(in: range)) is expected") }
        return number(key, in: range) ?? range.lowerBound
    }

    private static func integer(in range: ClosedRange<Int>) -> String {
        "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func number(in range: ClosedRange<Double>) -> String {
        "a number from \(range.lowerBound) to \(range.upperBound)"
    }

    public mutating func boolean(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let truth) = value else {
            report(key, value, right: "true or false")
            return nil
        }
        return truth
    }

    /// A number of bytes: a whole number, or a text such as "1.5 GiB".
    ///
    /// - Parameter orNone: whether 0 is right too.
    public mutating func byteCount(_ key: String, orNone: Bool = false) -> ByteCount? {
        guard let value = value(key) else { return nil }
        switch value {
        case .integer(let bytes) where bytes > 0 || orNone && bytes == 0: return ByteCount(bytes)
        case .string(let text):
            if let count = ByteCount(text) { return count }
            fallthrough
        default:
            report(key, value, right: "a number of bytes or a text such as \"1.5 GiB\"")
            return nil
        }
    }

    /// One of a type's values, by name.
    public mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, of type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let value = value(key) else { return nil }
        if case .string(let text) = value, let choice = Value(rawValue: text) { return choice }
        report(key, value, right: "one of " + Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
        return nil
    }

    public mutating func list(_ key: String) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard case .array(let values) = value else {
            report(key, value, right: "a list [ … ]")
            return nil
        }
        return values
    }

    /// The reader of a member that is an object; it reports to the same problems.
    public mutating func object(_ key: String) -> ObjectReader? {
        guard let value = value(key) else { return nil }
        guard case .object(let fields) = value else {
            report(key, value, right: "an object")
            return nil
        }
        let path =
            switch wording {
            case .path: self.path.isEmpty ? key : "\(self.path).\(key)"
            case .sentence: "\(self.path), \(key)"
            }
        return ObjectReader(fields, path: path, problems: problems, wording: wording)
    }
}
