import Core

/// Reads JSON forwards, one value at a time, without building a tree.
///
/// A vocabulary file is megabytes of short strings: Foundation's parser takes seconds for it and keeps all of it twice.
struct JSONScanner {
    /// What every message names.
    let path: String
    private let bytes: [UInt8]
    /// The offset of the next byte.
    private(set) var offset = 0
    /// Deeper nesting is refused: the values are read by recursion.
    private static let maximumDepth = 64

    /// Checks that `bytes` are UTF-8.
    init(path: String, bytes: [UInt8]) throws(ImpRAGError) {
        self.path = path
        self.bytes = bytes
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw ImpRAGError(.invalidArgument, "\(path): not valid UTF-8 at byte \(error.byteOffsets.lowerBound)")
        }
    }

    func failure(_ what: String) -> ImpRAGError {
        offset >= bytes.count
            ? ImpRAGError(.invalidArgument, "\(path): the file ends at byte \(bytes.count); \(what)")
            : ImpRAGError(.invalidArgument, "\(path): bad JSON at byte \(offset): \(what)")
    }

    /// The first byte of the next value; white space before it is skipped.
    mutating func peek() throws(ImpRAGError) -> UInt8 {
        offset = endOfSpace()
        guard offset < bytes.count else { throw failure("a value was expected") }
        return bytes[offset]
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
    mutating func expectEnd() throws(ImpRAGError) {
        offset = endOfSpace()
        guard offset == bytes.count else { throw failure("expected the end of the file") }
    }

    /// Goes back to an `offset` that was read before.
    mutating func seek(to offset: Int) {
        self.offset = offset
    }

    // MARK: Containers

    /// Reads an object; `member` must read or skip the value of each key. `field` is for the message.
    mutating func readObject(
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
    mutating func readMembers(
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
            if try peek() == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","))
        }
        offset += 1
    }

    /// Appends the bytes of a key and passes over the colon.
    mutating func readKey(into key: inout [UInt8]) throws(ImpRAGError) {
        try readString("a key", into: &key)
        try expect(UInt8(ascii: ":"))
    }

    /// Reads an array; `element` must read each value.
    mutating func readArray(
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
            if try peek() == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","))
        }
        offset += 1
    }

    // MARK: Scalars

    /// Appends the UTF-8 of a string, escapes resolved.
    mutating func readString(_ field: @autoclosure () -> String, into text: inout [UInt8]) throws(ImpRAGError) {
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

    /// Where the next quote, backslash or control character stands; the end of the file without one.
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
        var value = UInt32(try readFourDigits())
        if 0xD800..<0xDC00 ~= value, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = UInt32(try readFourDigits())
            guard 0xDC00..<0xE000 ~= low else { throw failure("half of a surrogate pair") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw failure("half of a surrogate pair") }
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
    mutating func readID(_ field: @autoclosure () -> String) throws(ImpRAGError) -> Int32 {
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

    /// Any value as a tree; for the small parts.
    mutating func readValue(depth: Int = 0) throws(ImpRAGError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth)") }
        switch try peek() {
        case UInt8(ascii: "{"):
            var members: [String: JSONValue] = [:]
            try readObject("an object") { (key: String, scanner: inout JSONScanner) throws(ImpRAGError) in
                let value = try scanner.readValue(depth: depth + 1)
                guard members.updateValue(value, forKey: key) == nil else {
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
            if !word.contains("x"), let number = Double(word), number.isFinite { return .number(number) }
            offset = start
            throw failure("a value was expected")
        }
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "E"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Passes over a value, which is checked as if it were read.
    mutating func skipValue(depth: Int = 0) throws(ImpRAGError) {
        guard depth < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth)") }
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
