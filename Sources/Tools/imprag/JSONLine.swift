import Core

/// One JSON object on one line, with fields in the order added.
struct JSONLine {
    private(set) var text = "{"

    /// The finished object, without a line end.
    var line: String { text + "}" }

    mutating func add(_ name: String, _ value: String) {
        key(name)
        Self.append(value, to: &text)
    }

    mutating func add(_ name: String, _ value: JSONScalar) {
        switch value {
        case .string(let string): add(name, string)
        case .number(let digits): add(name, raw: digits)
        }
    }

    mutating func add(_ name: String, _ value: Int) { add(name, raw: String(value)) }

    mutating func add(_ name: String, _ value: Bool) { add(name, raw: value ? "true" : "false") }

    mutating func add(_ name: String, _ value: Double) { add(name, raw: Self.number(value)) }

    /// The shortest digits that read back as the same float32.
    mutating func add(_ name: String, _ value: Float) { add(name, raw: Self.number(value)) }

    mutating func add(_ name: String, _ values: [Int]) { add(name, raw: Self.array(values.map { String($0) })) }

    mutating func add(_ name: String, _ values: [Int32]) { add(name, raw: Self.array(values.map { String($0) })) }

    /// The shortest digits that read back as the same float32.
    mutating func add(_ name: String, _ values: [Float]) { add(name, raw: Self.array(values.map { Self.number($0) })) }

    mutating func add(_ name: String, _ values: [String]) {
        add(
            name,
            raw: Self.array(
                values.map {
                    var quoted = ""
                    Self.append($0, to: &quoted)
                    return quoted
                }))
    }

    mutating func add(_ name: String, _ objects: [JSONLine]) { add(name, raw: Self.array(objects.map(\.line))) }

    mutating func add(_ name: String, _ object: JSONLine) { add(name, raw: object.line) }

    /// Adds `json`, which is JSON already.
    mutating func add(_ name: String, raw json: String) {
        key(name)
        text += json
    }

    private mutating func key(_ name: String) {
        if text.utf8.count > 1 { text += "," }
        Self.append(name, to: &text)
        text += ":"
    }

    private static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

    /// JSON has no infinity and no NaN.
    private static func number<Value: BinaryFloatingPoint & CustomStringConvertible>(_ value: Value) -> String {
        value.isFinite ? value.description : "null"
    }

    private static func append(_ value: String, to text: inout String) {
        text += jsonString(value)
    }
}
