/// One JSON object on one line, with fields in the order added.
public struct JSONLine: Hashable, Sendable {
    private var text = "{"

    public init() {}

    /// The finished object, without a line end.
    public var line: String { text + "}" }

    public mutating func add(_ name: String, _ value: String) {
        key(name)
        Self.append(value, to: &text)
    }

    public mutating func add(_ name: String, _ value: Int) { add(name, raw: String(value)) }

    public mutating func add(_ name: String, _ value: Bool) { add(name, raw: value ? "true" : "false") }

    public mutating func add(_ name: String, _ value: Double) { add(name, raw: Self.number(value)) }

    /// The shortest digits that read back as the same float32.
    public mutating func add(_ name: String, _ value: Float) { add(name, raw: Self.number(value)) }

    public mutating func add(_ name: String, _ values: [Int]) { add(name, raw: Self.array(values.map { String($0) })) }

    public mutating func add(_ name: String, _ values: [Int32]) {
        add(name, raw: Self.array(values.map { String($0) }))
    }

    /// The shortest digits that read back as the same float32.
    public mutating func add(_ name: String, _ values: [Float]) {
        add(name, raw: Self.array(values.map { Self.number($0) }))
    }

    public mutating func add(_ name: String, _ values: [String]) {
        add(
            name,
            raw: Self.array(
                values.map {
                    var quoted = ""
                    Self.append($0, to: &quoted)
                    return quoted
                }))
    }

    public mutating func add(_ name: String, _ objects: [JSONLine]) { add(name, raw: Self.array(objects.map(\.line))) }

    public mutating func add(_ name: String, _ object: JSONLine) { add(name, raw: object.line) }

    /// Adds `json`, which is JSON already.
    public mutating func add(_ name: String, raw json: String) {
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
