public import Core

/// Decodes ids incrementally, holding back an incomplete character until it is complete or cannot become one.
///
/// The concatenation of all that `append` and `finish` return is what `Tokenizer.decode` gives for all the ids.
public struct StreamDecoder: Sendable {
    private let vocabulary: Vocabulary
    /// As they were at the start, and as they are now; nil in a byte-level vocabulary.
    private let freshSteps: DecoderSteps?
    private var steps: DecoderSteps?
    /// The start of a character whose rest may still come; at most 3 bytes.
    private var heldBack: [UInt8] = []

    init(vocabulary: Vocabulary, steps: DecoderSteps?) {
        self.vocabulary = vocabulary
        freshSteps = steps
        self.steps = steps
    }

    /// The text that `id` completes; often empty. Special tokens add nothing.
    ///
    /// Throws `invalidArgument` for an id outside the vocabulary, which changes nothing.
    public mutating func append(_ id: Int32) throws(ImpRAGError) -> String {
        guard vocabulary.contains(id) else { throw Tokenizer.unknownID(id, vocabulary) }
        if vocabulary.isSpecial(id) { return "" }
        var text: [UInt8] = []
        if steps?.append(Array(vocabulary.bytes(of: id)), to: &text) != nil {
            return String(decoding: text, as: UTF8.self)
        }
        heldBack.append(contentsOf: vocabulary.bytes(of: id))
        let rest = Self.incompleteSuffix(of: heldBack)
        defer { heldBack.removeFirst(heldBack.count - rest) }
        return String(decoding: heldBack.dropLast(rest), as: UTF8.self)
    }

    /// What `id` by itself brings to a text that has begun, as bytes: not always whole characters. A special token is
    /// written out, though it adds nothing to a text; an id outside the vocabulary has none.
    public func bytes(of id: Int32) -> [UInt8] {
        guard vocabulary.contains(id) else { return [] }
        let token = Array(vocabulary.bytes(of: id))
        return vocabulary.isSpecial(id) ? token : freshSteps?.bytes(of: token) ?? token
    }

    /// The complete characters that are held back: those of the last run of byte tokens, which may still turn out to be
    /// invalid UTF-8. Empty when its last character is incomplete.
    ///
    /// It is what `finish` would add to the text, so a stop string in it is found without waiting for the next token.
    public var heldText: String {
        guard steps?.holdsWholeCharacters == true else { return "" }
        var copy = self
        return copy.finish()
    }

    /// What is still held back; as U+FFFD where it is incomplete. The decoder is then as new.
    public mutating func finish() -> String {
        var text: [UInt8] = []
        if steps?.finish(into: &text) != nil {
            steps = freshSteps
            return String(decoding: text, as: UTF8.self)
        }
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
