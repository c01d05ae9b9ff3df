/// A JSON value together with the path of the field that holds it, so that every message can say where.
public struct JSONField: Sendable {
    /// The file, or file and line, as in `wiki.jsonl:17`.
    public let path: String
    /// As in `metadata.year`; empty for the outermost value.
    public let name: String
    public let value: JSONValue
    /// Whether it is from one line of many; messages are then worded for people who have never seen a path inside JSON.
    private let isOfLine: Bool

    public init(path: String, name: String, value: JSONValue) {
        self.init(path: path, name: name, value: value, isOfLine: false)
    }

    /// The value of the line at `place`, as in `wiki.jsonl:17`.
    public init(line place: String, value: JSONValue) {
        self.init(path: place, name: "", value: value, isOfLine: true)
    }

    private init(path: String, name: String, value: JSONValue, isOfLine: Bool) {
        self.path = path
        self.name = name
        self.value = value
        self.isOfLine = isOfLine
    }

    /// An error about the field; `what` follows its name, as in `must be a string`.
    public func failure(_ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(path): \(subject) \(what)")
    }

    /// An error about the field; `what` is a sentence of its own.
    public func problem(_ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(path): \(subject): \(what)")
    }

    private var subject: String { name.isEmpty ? "the line" : isOfLine ? "the field \"\(name)\"" : name }

    public var isNull: Bool {
        if case .null = value { true } else { false }
    }

    private func child(_ key: String, _ value: JSONValue) -> JSONField {
        JSONField(path: path, name: name.isEmpty ? key : "\(name).\(key)", value: value, isOfLine: isOfLine)
    }

    private var object: [ByteString: JSONValue] {
        get throws(ImpRAGError) {
            guard case .object(let members) = value else {
                throw failure(name.isEmpty ? "is not a JSON object" : "must be an object")
            }
            return members
        }
    }

    /// The member `key`; null when it is absent.
    public func member(_ key: String) throws(ImpRAGError) -> JSONField {
        child(key, try object[ByteString(key)] ?? .null)
    }

    /// The member `key`, which must be there and not null.
    public func required(_ key: String) throws(ImpRAGError) -> JSONField {
        guard let value = try object[ByteString(key)] else { throw child(key, .null).failure("is missing") }
        guard value != .null else { throw child(key, .null).failure("is null") }
        return child(key, value)
    }

    /// The member `key`; nil when it is absent or null.
    public func optional(_ key: String) throws(ImpRAGError) -> JSONField? {
        let field = try member(key)
        return field.isNull ? nil : field
    }

    /// Whether there is a member `key`, even if null.
    public func has(_ key: String) -> Bool {
        if case .object(let members) = value { members[ByteString(key)] != nil } else { false }
    }

    /// Every member, in the order of the keys' bytes.
    public func members() throws(ImpRAGError) -> [(key: ByteString, field: JSONField)] {
        try object.sorted { $0.key < $1.key }.map { ($0.key, child($0.key.text, $0.value)) }
    }

    public func elements() throws(ImpRAGError) -> [JSONField] {
        guard case .array(let elements) = value else { throw failure("must be a list") }
        return elements.enumerated().map {
            JSONField(
                path: path, name: "\(name)\(isOfLine ? "." : "")[\($0.offset)]", value: $0.element, isOfLine: isOfLine)
        }
    }

    public func string() throws(ImpRAGError) -> String {
        guard case .string(let text) = value else { throw failure("must be a string") }
        return text
    }

    public func strings() throws(ImpRAGError) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.string()) }
        return texts
    }

    /// - Parameter absent: what a missing or null field means; without it the field is required.
    public func bool(absent: Bool? = nil) throws(ImpRAGError) -> Bool {
        if case .bool(let truth) = value { return truth }
        if isNull, let absent { return absent }
        throw failure("must be true or false")
    }

    /// A whole number of 64 bits.
    public func integer() throws(ImpRAGError) -> Int {
        guard case .integer(let number) = value else { throw unfit("a whole number of at most 64 bits") }
        return number
    }

    /// A number, rounded to a double.
    public func double() throws(ImpRAGError) -> Double {
        guard let number = value.double else { throw failure("must be a number") }
        return number
    }

    /// A whole number of at most 32 bits that is not negative.
    public func id() throws(ImpRAGError) -> Int32 {
        guard case .integer(let number) = value, let id = Int32(exactly: number), id >= 0 else {
            throw unfit("a whole number from 0 to \(Int32.max)")
        }
        return id
    }

    private func unfit(_ right: String) -> ImpRAGError {
        value.double == nil
            ? failure("must be \(right)")
            : failure("is \(value.text): a number does not fit its field; \(right) is right")
    }

    /// A name: a string, or a whole number below 2⁶⁴, which stands for its decimal digits.
    public func identifier() throws(ImpRAGError) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .digits(let text) where UInt64(text) != nil: return text
        default: throw problem("it must be a string or a whole number below 2^64")
        }
    }
}
