/// `text` as a JSON string, quotes included. Characters that control a terminal are escaped too, although JSON does not
/// ask for all of them: a terminal may show the line.
public func jsonString(_ text: String) -> String {
    // Bytes, not scalars: most of them stand for themselves, and runs of those are copied as a whole.
    let bytes = Array(text.utf8)
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    quoted.reserveCapacity(bytes.count + 2)
    var (start, place) = (0, 0)
    while place < bytes.count {
        let count: Int
        let escape: String
        switch bytes[place] {
        case UInt8(ascii: "\""): (count, escape) = (1, "\\\"")
        case UInt8(ascii: "\\"): (count, escape) = (1, "\\\\")
        case UInt8(ascii: "\n"): (count, escape) = (1, "\\n")
        case UInt8(ascii: "\r"): (count, escape) = (1, "\\r")
        case UInt8(ascii: "\t"): (count, escape) = (1, "\\t")
        case 0..<0x20, 0x7f: (count, escape) = (1, escaped(UInt32(bytes[place])))
        // The first bytes of all controls beyond ASCII.
        case 0xc2, 0xd8: (count, escape) = control(UInt32(bytes[place] & 0x1f) << 6 | low(bytes[place + 1]), of: 2)
        case 0xe2: (count, escape) = control(0x2000 | low(bytes[place + 1]) << 6 | low(bytes[place + 2]), of: 3)
        default: (count, escape) = (1, "")
        }
        if !escape.isEmpty {
            quoted += bytes[start..<place]
            quoted += escape.utf8
            start = place + count
        }
        place += count
    }
    quoted += bytes[start...]
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
}

/// The bits of a byte that goes on with a character.
private func low(_ byte: UInt8) -> UInt32 { UInt32(byte & 0x3f) }

/// The escape of a character of `count` bytes, empty unless it controls a terminal.
private func control(_ value: UInt32, of count: Int) -> (count: Int, escape: String) {
    (count, Unicode.Scalar(value).map(TerminalText.isControl) == true ? escaped(value) : "")
}

private func escaped(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
}
