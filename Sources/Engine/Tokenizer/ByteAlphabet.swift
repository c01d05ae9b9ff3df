/// GPT-2's bijection between bytes and printable characters, by which a byte-level vocabulary is written as text.
///
/// The printable bytes of Latin-1 stand for themselves; the other 68 stand, in order, at U+0100 and after.
///
/// Source: `bytes_to_unicode` in the code of Radford et al., "Language Models are Unsupervised Multitask Learners"
/// (2019).
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "?"
            }
        }
    }()

    /// The byte of each character below U+0144, -1 where there is none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
        return bytes
    }()

    /// Appends the bytes that `content` stands for, which is UTF-8; its own bytes, and false, when a character is not
    /// of the alphabet.
    static func appendBytes(of content: ArraySlice<UInt8>, to output: inout [UInt8]) -> Bool {
        let start = output.count
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            var scalar = Int(byte)
            if byte & 0xE0 == 0xC0, index + 1 < content.endIndex {
                scalar = Int(byte & 0x1F) << 6 | Int(content[index + 1] & 0x3F)
                index += 1
            }
            index += 1
            guard scalar < bytes.count, byte < 0xE0, bytes[scalar] >= 0 else {
                output.removeLast(output.count - start)
                output.append(contentsOf: content)
                return false
            }
            output.append(UInt8(truncatingIfNeeded: bytes[scalar]))
        }
        return true
    }
}
