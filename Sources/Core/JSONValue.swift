/// A JSON value as a tree. The only such type: corpora, settings, cluster files and filters are read into it by
/// `JSONScanner`.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number written without point or exponent that fits 64 bits.
    case integer(Int)
    /// Another finite number that the double reproduces as written, or that has at most 15 digits and is less than 2⁵³.
    case number(Double)
    /// Any other number, as written: a double would lose some of its digits.
    case digits(String)
    case string(String)
    case array([JSONValue])
    case object([ByteString: JSONValue])

    /// A number of any kind, rounded; nil for everything else.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .digits(let text): Double(text)
        default: nil
        }
    }

    /// As in a file, for messages; long values are cut.
    public var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .digits(let text): String(text.prefix(60))
        case .string(let value): "\"\(value.prefix(60))\""
        case .array(let values): "a list of \(values.count)"
        case .object(let fields): "an object of \(fields.count) fields"
        }
    }

    /// What it is, for a message that expected something else.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer, .number, .digits: "the number \(text)"
        case .string(let value): "the text \"\(value.prefix(200))\""
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue {
    /// Parses `literal` by the grammar of RFC 8259; nil for anything else and beyond the range of a double.
    init?(number literal: String) {
        let parts = Self.parts(of: literal)
        guard let parts, let double = Double(literal), double.isFinite else { return nil }
        if parts.isWhole {
            self = Int(literal).map { .integer($0) } ?? .digits(literal)
        } else {
            let isKept = parts.significantDigits <= 15 && double.magnitude < 0x1p53
            self = isKept || double.description == literal ? .number(double) : .digits(literal)
        }
    }

    /// Nil when `literal` is no number: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private static func parts(of literal: String) -> (isWhole: Bool, significantDigits: Int)? {
        var rest = Array(literal.utf8)[...]
        func digits() -> ArraySlice<UInt8> {
            let run = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(run.count)
            return run
        }
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let whole = digits()
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return nil }
        var (isWhole, significant) = (true, whole.drop { $0 == UInt8(ascii: "0") }.count)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let fraction = digits()
            guard !fraction.isEmpty else { return nil }
            significant =
                significant > 0 ? significant + fraction.count : fraction.drop { $0 == UInt8(ascii: "0") }.count
            isWhole = false
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard !digits().isEmpty else { return nil }
            isWhole = false
        }
        return rest.isEmpty ? (isWhole, significant) : nil
    }
}

extension JSONValue: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        if case .object(let fields) = self {
            var container = encoder.container(keyedBy: Key.self)
            for (name, value) in fields { try container.encode(value, forKey: Key(name.text)) }
            return
        }
        var single = encoder.singleValueContainer()
        switch self {
        case .bool(let value): try single.encode(value)
        case .integer(let value): try single.encode(value)
        case .number, .digits: try single.encode(double)
        case .string(let value): try single.encode(value)
        case .array(let values): try single.encode(values)
        case .null, .object: try single.encodeNil()
        }
    }
}
