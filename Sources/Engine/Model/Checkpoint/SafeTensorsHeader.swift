import Core

/// Reads the header of a safetensors file: one JSON object, tensor name to dtype, shape and offsets.
///
///     { "__metadata__": { string: string … },
///       name: { "dtype": string, "shape": [integers], "data_offsets": [begin, end] }, … }
///
/// Member by member, because a tree keeps no order. Whitespace may stand between tokens (files are padded with spaces).
enum SafeTensorsHeader {
    struct Entry {
        var dtype = ""
        var shape: [Int] = []
        /// Relative to the first byte after the header.
        var begin = 0
        var end = 0
    }

    /// Numbers of a tensor's shape at most.
    private static let rankLimit = 8

    /// Entries in file order. `file` is for messages, whose offsets count from the header's first byte.
    static func parse(_ bytes: [UInt8], of file: String) throws(ImpRAGError) -> [(name: String, entry: Entry)] {
        var scanner = try JSONScanner(.file("\(file), header"), bytes: bytes)
        guard scanner.offset == 0 else { throw scanner.failure("a byte order mark stands before the object") }
        var entries: [(name: String, entry: Entry)] = []
        var seen: Set<ByteString> = []
        try scanner.readObject("the header") { (name: String, scanner: inout JSONScanner) throws(ImpRAGError) in
            guard seen.insert(ByteString(name)).inserted else {
                throw scanner.failure("tensor \(name) stands twice in the header")
            }
            if name == "__metadata__" {
                try scanner.readObject(name) { (key: String, scanner: inout JSONScanner) throws(ImpRAGError) in
                    _ = try string("\(name), \(key)", &scanner)
                }
            } else {
                entries.append((name, try entry(of: name, &scanner)))
            }
        }
        try scanner.expectEnd()
        return entries
    }

    private static func entry(of name: String, _ scanner: inout JSONScanner) throws(ImpRAGError) -> Entry {
        var entry = Entry()
        var seen: Set<String> = []
        try scanner.readObject("tensor \(name)") { (field: String, scanner: inout JSONScanner) throws(ImpRAGError) in
            guard seen.insert(field).inserted else {
                throw scanner.failure("\(field) of tensor \(name) stands twice in the header")
            }
            let what = "\(field) of tensor \(name)"
            switch field {
            case "dtype": entry.dtype = try string(what, &scanner)
            case "shape": entry.shape = try integers(what, limit: rankLimit, &scanner)
            case "data_offsets":
                let offsets = try integers(what, limit: 2, &scanner)
                guard offsets.count == 2 else {
                    throw scanner.failure("\(what) are \(offsets.count) numbers; 2 are expected")
                }
                (entry.begin, entry.end) = (offsets[0], offsets[1])
            default: throw scanner.failure("tensor \(name) has an unknown field \(field)")
            }
        }
        guard seen.count == 3 else {
            throw scanner.failure("tensor \(name) lacks one of dtype, shape and data_offsets")
        }
        return entry
    }

    private static func string(_ what: String, _ scanner: inout JSONScanner) throws(ImpRAGError) -> String {
        var text: [UInt8] = []
        try scanner.readString(what, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Whole numbers from 0 below 2⁶³.
    private static func integers(
        _ what: String, limit: Int, _ scanner: inout JSONScanner
    ) throws(ImpRAGError) -> [Int] {
        var numbers: [Int] = []
        try scanner.readArray(what) { (scanner: inout JSONScanner) throws(ImpRAGError) in
            guard numbers.count < limit else { throw scanner.failure("\(what) has more than \(limit) numbers") }
            _ = try scanner.peek()
            let start = scanner.offset
            guard case .integer(let number) = try scanner.readValue(), number >= 0 else {
                scanner.seek(to: start)
                throw scanner.failure("\(what) must hold whole numbers from 0 to \(Int.max)")
            }
            numbers.append(number)
        }
        return numbers
    }
}
