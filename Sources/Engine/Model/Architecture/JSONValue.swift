import Foundation

/// Any JSON value, for files whose fields have more than one form (`eos_token_id` is a number or a list).
enum JSONValue: Codable, Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let value = try? single.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? single.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? single.decode(Double.self) {
            self = .number(value)
        } else if let value = try? single.decode(String.self) {
            self = .string(value)
        } else if let value = try? single.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try single.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var single = encoder.singleValueContainer()
        switch self {
        case .null: try single.encodeNil()
        case .bool(let value): try single.encode(value)
        case .integer(let value): try single.encode(value)
        case .number(let value): try single.encode(value)
        case .string(let value): try single.encode(value)
        case .array(let values): try single.encode(values)
        case .object(let fields): try single.encode(fields)
        }
    }

    /// As it would stand in the file, for error messages; long values are cut.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value.prefix(60))\""
        case .array(let values): "a list of \(values.count)"
        case .object(let fields): "an object of \(fields.count) fields"
        }
    }

    /// As `text`, with what a list holds.
    var listText: String {
        guard case .array(let values) = self else { return text }
        return "[\(values.prefix(5).map(\.text).joined(separator: ", "))\(values.count > 5 ? ", …" : "")]"
    }
}

extension JSONValue {
    /// Bytes that the value alone decides, not how a library writes it:
    ///
    ///     null n    true t    false f
    ///     number    d and the bits of the float64 nearest to it, 8 bytes, the highest first; zero has no sign
    ///     string    s, its length in bytes as decimal digits, ":", its UTF-8
    ///     list      [ its values ]
    ///     object    { its names, in the order of their bytes, as strings, each with its value }
    var canonicalBytes: [UInt8] {
        switch self {
        case .null: Array("n".utf8)
        case .bool(let value): Array((value ? "t" : "f").utf8)
        case .integer(let value): Self.canonical(Double(value))
        case .number(let value): Self.canonical(value)
        case .string(let value): Array("s\(value.utf8.count):".utf8) + Array(value.utf8)
        case .array(let values): Array("[".utf8) + values.flatMap(\.canonicalBytes) + Array("]".utf8)
        case .object(let fields):
            Array("{".utf8)
                + fields.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
                .flatMap { JSONValue.string($0.key).canonicalBytes + $0.value.canonicalBytes } + Array("}".utf8)
        }
    }

    private static func canonical(_ number: Double) -> [UInt8] {
        let bits = number == 0 ? 0 : number.bitPattern
        return [UInt8(ascii: "d")] + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> $0) }
    }
}
