/// A request that has arrived, all of it.
public struct HTTPServerRequest: Hashable, Sendable {
    public struct Argument: Hashable, Sendable {
        public let name: String
        /// Empty for a name without a value.
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// As it was sent: `GET`.
    public let method: String
    /// Decoded, without the query.
    public let path: String
    /// Decoded, in the order of the query.
    public let query: [Argument]
    /// By name in lower case; several of one name are joined by commas.
    public let headers: [String: String]
    public internal(set) var body: [UInt8]

    public init(
        method: String, path: String, query: [Argument] = [], headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// `text` with its `%xx` decoded. Nil where that is no UTF-8, or an escape is none.
func percentDecoded(_ text: some Sequence<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var rest = text.makeIterator()
    while let byte = rest.next() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.next().flatMap(hexadecimalDigit), let low = rest.next().flatMap(hexadecimalDigit) else {
            return nil
        }
        bytes.append(high << 4 | low)
    }
    guard (try? UTF8Span(validating: bytes.span)) != nil else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
