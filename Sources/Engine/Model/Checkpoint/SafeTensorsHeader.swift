/// Reads the header of a safetensors file: one JSON object, tensor name to dtype, shape and offsets.
///
///     { "__metadata__": { string: string … },
///       name: { "dtype": string, "shape": [integers], "data_offsets": [begin, end] }, … }
///
/// By hand, because a general parser keeps the last of two equal names and says nothing, and turns large integers into
/// floating point. Whitespace may stand between tokens (files are padded with spaces). Each byte is looked at once.
struct SafeTensorsHeader {
    struct Entry {
        var dtype = ""
        var shape: [Int] = []
        /// Relative to the first byte after the header.
        var begin = 0
        var end = 0
    }

    /// What is wrong, without the file's name.
    struct Problem: Error {
        let message: String
    }

    private let bytes: [UInt8]
    private var position = 0

    /// Entries in file order.
    static func parse(_ bytes: [UInt8]) throws(Problem) -> [(name: String, entry: Entry)] {
        var header = SafeTensorsHeader(bytes: bytes)
        return try header.parse()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func parse() throws(Problem) -> [(name: String, entry: Entry)] {
        var entries: [(name: String, entry: Entry)] = []
        var seen: Set<String> = []
        try members { (header, name) throws(Problem) in
            guard seen.insert(name).inserted else {
                throw Problem(message: "tensor \(name) stands twice in the header")
            }
            if name == "__metadata__" {
                try header.members { (header, _) throws(Problem) in _ = try header.string() }
            } else {
                entries.append((name, try header.entry(of: name)))
            }
        }
        skipSpace()
        guard position == bytes.count else { throw problem("something follows the object") }
        return entries
    }

    private mutating func entry(of name: String) throws(Problem) -> Entry {
        var entry = Entry()
        var seen: Set<String> = []
        try members { (header, field) throws(Problem) in
            guard seen.insert(field).inserted else {
                throw Problem(message: "\(field) of tensor \(name) stands twice in the header")
            }
            switch field {
            case "dtype": entry.dtype = try header.string()
            case "shape": entry.shape = try header.integers(limit: 8)
            case "data_offsets":
                let offsets = try header.integers(limit: 2)
                guard offsets.count == 2 else {
                    throw Problem(
                        message: "data_offsets of tensor \(name) are \(offsets.count) numbers; 2 are expected")
                }
                (entry.begin, entry.end) = (offsets[0], offsets[1])
            default: throw Problem(message: "tensor \(name) has an unknown field \(field)")
            }
        }
        guard seen.count == 3 else {
            throw Problem(message: "tensor \(name) lacks one of dtype, shape and data_offsets")
        }
        return entry
    }

    /// Walks an object; `body` reads each value.
    private mutating func members(
        _ body: (inout SafeTensorsHeader, String) throws(Problem) -> Void
    ) throws(Problem) {
        try expect("{")
        if accept("}") { return }
        repeat {
            let name = try string()
            try expect(":")
            try body(&self, name)
        } while accept(",")
        try expect("}")
    }

    private mutating func integers(limit: Int) throws(Problem) -> [Int] {
        var numbers: [Int] = []
        try expect("[")
        if accept("]") { return [] }
        repeat {
            guard numbers.count < limit else { throw problem("a list of more than \(limit) numbers") }
            numbers.append(try integer())
        } while accept(",")
        try expect("]")
        return numbers
    }

    private mutating func integer() throws(Problem) -> Int {
        skipSpace()
        let start = position
        var number = 0
        while position < bytes.count, case let digit = bytes[position], (0x30...0x39).contains(digit) {
            let (product, tooBig) = number.multipliedReportingOverflow(by: 10)
            let (sum, stillTooBig) = product.addingReportingOverflow(Int(digit) - 0x30)
            guard !tooBig, !stillTooBig else { throw problem("a number beyond 2^63") }
            number = sum
            position += 1
        }
        guard position > start else { throw problem("a whole number is expected") }
        return number
    }

    private mutating func string() throws(Problem) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw problem("invalid UTF-8") }
                return string
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw problem("a control character in a string")
            default: text.append(byte)
            }
        }
        throw problem("a string without an end")
    }

    private mutating func escape() throws(Problem) -> [UInt8] {
        guard position < bytes.count else { throw problem("a string without an end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw problem("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(Problem) -> [UInt8] {
        var units = [try hexUnit()]
        if UTF16.isLeadSurrogate(units[0]) {
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw problem("half a surrogate pair") }
            position += 2
            units.append(try hexUnit())
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw problem("half a surrogate pair") }
        return Array(text.utf8)
    }

    private mutating func hexUnit() throws(Problem) -> UInt16 {
        guard position + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw problem("four hexadecimal digits are expected") }
        position += 4
        return unit
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Problem) {
        guard accept(character) else { throw problem("\"\(character)\" is expected") }
    }

    private func problem(_ message: String) -> Problem {
        Problem(message: "the header is not valid at byte \(position): \(message)")
    }
}
