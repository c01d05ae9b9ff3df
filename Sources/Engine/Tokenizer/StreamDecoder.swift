public import Core

/// Turns ids into text as they come, holding back an incomplete character until it is whole or can never be.
///
/// All that `append` and `finish` return, joined, is what `Tokenizer.decode` says of all the ids.
public struct StreamDecoder: Sendable {
    private let vocabulary: Vocabulary
    /// The start of a character whose rest may still come; at most 3 bytes.
    private var heldBack: [UInt8] = []

    init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
    }

    /// The text that `id` completes; often empty. Special tokens add nothing.
    ///
    /// Throws `invalidArgument` for an id outside the vocabulary, which changes nothing.
    public mutating func append(_ id: Int32) throws(ImpRAGError) -> String {
        guard vocabulary.contains(id) else { throw Tokenizer.unknownID(id, vocabulary) }
        if vocabulary.isSpecial(id) { return "" }
        heldBack.append(contentsOf: vocabulary.bytes(of: id))
        let rest = Self.incompleteSuffix(of: heldBack)
        let text = String(decoding: heldBack.dropLast(rest), as: UTF8.self)
        heldBack.removeFirst(heldBack.count - rest)
        return text
    }

    /// What is still held back, as U+FFFD because it is incomplete. The decoder is then as new.
    public mutating func finish() -> String {
        defer { heldBack.removeAll() }
        return String(decoding: heldBack, as: UTF8.self)
    }

    /// How many bytes at the end may become a character with more bytes after them: 0 to 3.
    ///
    /// Whatever comes later, the bytes before these decode the same with them and without.
    static func incompleteSuffix(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let first = bytes[bytes.count - length]
            if first & 0xC0 == 0x80 { continue }
            let width =
                switch first {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            guard width > length else { return 0 }
            if length == 1 { return 1 }
            // The second byte decides on overlong forms, surrogates and numbers beyond U+10FFFF (Unicode, table 3-7).
            let second = bytes[bytes.count - length + 1]
            let isPossible =
                switch first {
                case 0xE0: second >= 0xA0
                case 0xED: second <= 0x9F
                case 0xF0: second >= 0x90
                case 0xF4: second <= 0x8F
                default: true
                }
            return isPossible ? length : 0
        }
        return 0
    }
}
