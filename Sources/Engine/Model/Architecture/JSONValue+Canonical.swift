import Core

extension JSONValue {
    /// As `text`, with what a list holds.
    var listText: String {
        guard case .array(let values) = self else { return text }
        return "[\(values.prefix(5).map(\.text).joined(separator: ", "))\(values.count > 5 ? ", …" : "")]"
    }

    /// Bytes that depend on the value alone, not on how a library writes it:
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
        case .digits(let text): Self.canonical(Double(text) ?? 0)
        case .string(let value): Array("s\(value.utf8.count):".utf8) + Array(value.utf8)
        case .array(let values): Array("[".utf8) + values.flatMap(\.canonicalBytes) + Array("]".utf8)
        case .object(let fields):
            Array("{".utf8)
                + fields.sorted { $0.key < $1.key }
                .flatMap { JSONValue.string($0.key.text).canonicalBytes + $0.value.canonicalBytes } + Array("}".utf8)
        }
    }

    private static func canonical(_ number: Double) -> [UInt8] {
        let bits = number == 0 ? 0 : number.bitPattern
        return [UInt8(ascii: "d")] + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> $0) }
    }
}
