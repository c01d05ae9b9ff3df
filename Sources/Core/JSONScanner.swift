/// A streaming JSON reader: one value at a time, without building a tree unless asked to.
///
/// It accepts strict RFC 8259: no duplicate keys, no unpaired surrogates, no NaN, no trailing commas; cluster files may
/// have comments and trailing commas (`allowsComments`). Errors name the place. Hand-written, because a vocabulary file
/// is megabytes of short strings, for which a general parser takes seconds and twice the memory.
public struct JSONScanner {
    /// What is read, for messages.
    public enum Source: Sendable {
        /// The file at a path.
        case file(String)
        /// One line of many, at a place such as `wiki.jsonl:17`.
        case line(String)
        /// A text with a name, as in `the filter`.
        case text(String)
    }

    private let source: Source
    private let bytes: [UInt8]
    /// The offset of the next byte.
    public private(set) var offset = 0
    /// Whether `//` and `/* */` count as white space and trailing commas are allowed.
    private let allowsComments: Bool
    /// Deeper nesting is refused: values are read recursively.
    private static let maximumDepth = 64

    /// Checks that `bytes` are UTF-8; skips a byte order mark.
    public init(_ source: Source, bytes: [UInt8], allowsComments: Bool = false) throws(ImpRAGError) {
        self.source = source
        self.bytes = bytes
        self.allowsComments = allowsComments
        if let problem = ForeignFile.problem(head: bytes.prefix(ForeignFile.headBytes)) {
            throw ImpRAGError(.invalidArgument, "\(path) \(problem)")
        }
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            offset = error.byteOffsets.lowerBound
            throw failure("the bytes are not UTF-8")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// Parses all of `bytes` as one value.
    public static func value(
        _ source: Source, bytes: [UInt8], allowsComments: Bool = false
    ) throws(ImpRAGError) -> JSONValue {
        var scanner = try JSONScanner(source, bytes: bytes, allowsComments: allowsComments)
        let value = try scanner.readValue()
        try scanner.expectEnd()
        return value
    }

    /// What is read, as messages call it.
    public var path: String {
        switch source {
        case .file(let name), .line(let name), .text(let name): name
        }
    }

    /// An error about `what` at the next byte.
    public func failure(_ what: String) -> ImpRAGError {
        let isLine = if case .line = source { true } else { false }
        let end =
            offset < bytes.count ? "" : isLine ? ", where it ends, and a line holds a whole value" : ", where it ends"
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        let message =
            switch source {
            case .file(let path): "\(path): bad JSON at byte \(offset) (line \(line), column \(column))\(end): \(what)"
            case .line(let place): "\(place): the line is not valid JSON at column \(column)\(end): \(what)"
            case .text(let name): "\(name) is not JSON at column \(column)\(end): \(what)"
            }
        return ImpRAGError(.invalidArgument, message)
    }

    /// The first byte of the next value; white space before it is skipped.
    public mutating func peek() throws(ImpRAGError) -> UInt8 {
        try passSpace()
        guard offset < bytes.count else { throw failure("a value was expected") }
        return bytes[offset]
    }

    private mutating func passSpace() throws(ImpRAGError) {
        offset = endOfSpace()
        while allowsComments, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "/") {
            switch bytes[offset + 1] {
            case UInt8(ascii: "/"): offset = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
            case UInt8(ascii: "*"):
                var end = offset + 2
                while end + 1 < bytes.count, bytes[end] != UInt8(ascii: "*") || bytes[end + 1] != UInt8(ascii: "/") {
                    end += 1
                }
                guard end + 1 < bytes.count else { throw failure("a comment is not closed") }
                offset = end + 2
            default: return
            }
            offset = endOfSpace()
        }
    }

    private func endOfSpace() -> Int {
        let bytes = bytes.span
        var end = offset
        while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x0A || bytes[end] == 0x0D || bytes[end] == 0x09 {
            end += 1
        }
        return end
    }

    private mutating func expect(_ byte: UInt8) throws(ImpRAGError) {
        guard try peek() == byte else { throw failure("expected \"\(Character(UnicodeScalar(byte)))\"") }
        offset += 1
    }

    /// Nothing but white space may follow the outermost value.
    public mutating func expectEnd() throws(ImpRAGError) {
        let valueEnd = offset
        try passSpace()
        guard offset < bytes.count else { return }
        guard case .line = source else { throw failure("nothing may follow the value") }
        if bytes[valueEnd..<offset].contains(0x0D) {
            throw failure("a second value follows a carriage return; lines end in LF or CR LF, not in CR alone")
        }
        throw failure(
            bytes[offset] == UInt8(ascii: ",")
                ? "a comma follows the value; a line holds one value and no comma"
                : "a second value follows the first; a line holds one")
    }

    /// Goes back to an earlier `offset`.
    public mutating func seek(to offset: Int) {
        self.offset = offset
    }

    // MARK: Containers

    /// Reads an object; `member` must read or skip the value of each key. `field` is for errors.
    public mutating func readObject(
        _ field: String, _ member: (String, inout JSONScanner) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        var key: [UInt8] = []
        try readMembers(field) { (scanner: inout JSONScanner) throws(ImpRAGError) in
            key.removeAll(keepingCapacity: true)
            try scanner.readKey(into: &key)
            try member(String(decoding: key, as: UTF8.self), &scanner)
        }
    }

    /// Reads an object; `member` must read each key with `readKey` and then its value.
    public mutating func readMembers(
        _ field: String, _ member: (inout JSONScanner) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        guard try peek() == UInt8(ascii: "{") else { throw failure("\(field) must be an object") }
        offset += 1
        if try peek() == UInt8(ascii: "}") {
            offset += 1
            return
        }
        while true {
            try member(&self)
            if try endsList(with: UInt8(ascii: "}")) { return }
        }
    }

    /// Appends the bytes of a key and skips the colon.
    public mutating func readKey(into key: inout [UInt8]) throws(ImpRAGError) {
        try readString("a key", into: &key)
        try expect(UInt8(ascii: ":"))
    }

    /// Reads an array; `element` must read each value.
    public mutating func readArray(
        _ field: String, _ element: (inout JSONScanner) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        guard try peek() == UInt8(ascii: "[") else { throw failure("\(field) must be an array") }
        offset += 1
        if try peek() == UInt8(ascii: "]") {
            offset += 1
            return
        }
        while true {
            try element(&self)
            if try endsList(with: UInt8(ascii: "]")) { return }
        }
    }

    /// Skips what follows a member: a comma, or the closing bracket. Returns whether it was the bracket.
    private mutating func endsList(with bracket: UInt8) throws(ImpRAGError) -> Bool {
        let next = try peek()
        guard next != bracket else {
            offset += 1
            return true
        }
        guard next == UInt8(ascii: ",") else {
            throw failure("\",\" or \"\(Character(UnicodeScalar(bracket)))\" was expected")
        }
        offset += 1
        guard try peek() == bracket else { return false }
        guard allowsComments else { throw failure("a comma stands before the closing bracket") }
        offset += 1
        return true
    }

    // MARK: Scalars

    /// Appends the UTF-8 of a string, escapes resolved.
    public mutating func readString(_ field: @autoclosure () -> String, into text: inout [UInt8]) throws(ImpRAGError) {
        guard try peek() == UInt8(ascii: "\"") else { throw failure("\(field()) must be a string") }
        offset += 1
        while true {
            let end = endOfRun()
            text.append(contentsOf: bytes[offset..<end])
            offset = end
            guard end < bytes.count else { break }
            switch bytes[end] {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"):
                offset += 1
                try readEscape(into: &text)
            default: throw failure("a control character stands in a string")
            }
        }
        throw failure("a string is not closed")
    }

    /// The offset of the next quote, backslash or control character; the end of the file if there is none.
    private func endOfRun() -> Int {
        let bytes = bytes.span
        var end = offset
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\")
        {
            end += 1
        }
        return end
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(ImpRAGError) {
        guard offset < bytes.count else { throw failure("a string is not closed") }
        let letter = bytes[offset]
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: Array(String(try readEscapedScalar()).utf8))
        default: throw failure("\"\\\(Character(UnicodeScalar(letter)))\" is no escape")
        }
    }

    private mutating func readEscapedScalar() throws(ImpRAGError) -> Unicode.Scalar {
        let start = offset - 2
        func half() -> ImpRAGError {
            offset = start
            return failure("\\u stands for half of a surrogate pair, which is no character")
        }
        var value = UInt32(try readFourDigits())
        if 0xD800..<0xDC00 ~= value, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = UInt32(try readFourDigits())
            guard 0xDC00..<0xE000 ~= low else { throw half() }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw half() }
        return scalar
    }

    private mutating func readFourDigits() throws(ImpRAGError) -> UInt16 {
        guard bytes.count - offset >= 4,
            bytes[offset..<offset + 4].allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let value = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw failure("\\u needs four hexadecimal digits") }
        offset += 4
        return value
    }

    /// A whole number of at most 32 bits that is not negative.
    public mutating func readID(_ field: @autoclosure () -> String) throws(ImpRAGError) -> Int32 {
        _ = try peek()
        let start = offset
        var value = 0
        while offset < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[offset] {
            value = value * 10 + Int(bytes[offset] - UInt8(ascii: "0"))
            offset += 1
            if value > Int(Int32.max) { break }
        }
        let stopped = offset < bytes.count ? bytes[offset] : 0
        guard offset > start, value <= Int(Int32.max),
            ![UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(stopped)
        else {
            offset = start
            throw failure("\(field()) must be a whole number from 0 to \(Int32.max)")
        }
        return Int32(truncatingIfNeeded: value)
    }

    /// Reads any value as a tree; for small ones.
    public mutating func readValue(depth: Int = 0) throws(ImpRAGError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth) levels") }
        switch try peek() {
        case UInt8(ascii: "{"):
            var members: [ByteString: JSONValue] = [:]
            try readObject("an object") { (key: String, scanner: inout JSONScanner) throws(ImpRAGError) in
                let value = try scanner.readValue(depth: depth + 1)
                guard members.updateValue(value, forKey: ByteString(key)) == nil else {
                    throw scanner.failure("the key \"\(key)\" stands twice in one object")
                }
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try readArray("an array") { (scanner: inout JSONScanner) throws(ImpRAGError) in
                elements.append(try scanner.readValue(depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "\""):
            var text: [UInt8] = []
            try readString("a string", into: &text)
            return .string(String(decoding: text, as: UTF8.self))
        default:
            return try readWord()
        }
    }

    /// A number, `true`, `false` or `null`.
    private mutating func readWord() throws(ImpRAGError) -> JSONValue {
        let start = offset
        while offset < bytes.count, Self.isPartOfWord(bytes[offset]) { offset += 1 }
        let word = String(decoding: bytes[start..<offset], as: UTF8.self)
        switch word {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if let value = JSONValue(number: word) { return value }
            offset = start
            throw failure(
                word.isEmpty
                    ? "a value was expected"
                    : Double(word)?.magnitude == .infinity && word.utf8.contains { (0x30...0x39).contains($0) }
                        ? "\(word.prefix(40)) is beyond the numbers that are kept, up to 1.8e308"
                        : "\(word.prefix(40)) is no value of JSON")
        }
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Skips a value, checking it as if it were read.
    public mutating func skipValue(depth: Int = 0) throws(ImpRAGError) {
        guard depth < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth) levels") }
        var ignored: [UInt8] = []
        switch try peek() {
        case UInt8(ascii: "{"):
            try readMembers("an object") { (scanner: inout JSONScanner) throws(ImpRAGError) in
                ignored.removeAll(keepingCapacity: true)
                try scanner.readKey(into: &ignored)
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try readArray("an array") { (scanner: inout JSONScanner) throws(ImpRAGError) in
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "\""):
            try readString("a string", into: &ignored)
        default:
            _ = try readWord()
        }
    }
}
