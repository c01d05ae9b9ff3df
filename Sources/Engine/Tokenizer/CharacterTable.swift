import Core

/// The initial symbols of a word in a vocabulary of characters, as SentencePiece has it: each character is a token, or
/// the tokens of its bytes (`<0xE2>`), or the unknown token.
struct CharacterTable: Sendable {
    private let contents: TokenTable
    /// The tokens of ASCII, -1 where there is none.
    private let ascii: [Int32]
    /// `<0x00>` … `<0xFF>`, -1 where there is none; all -1 without `byte_fallback`.
    private let byteTokens: [Int32]
    /// -1: what has no token is left out.
    private let unknown: Int32
    private let fusesUnknown: Bool

    /// - Parameter contents: the model's own vocabulary, without added tokens.
    init(_ contents: TokenTable, byteFallback: Bool, unknown: Int32, fusesUnknown: Bool) {
        self.contents = contents
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        func id(_ content: [UInt8]) -> Int32 { contents.id(of: content.span, 0..<content.count) ?? -1 }
        ascii = (0..<0x80).map { id([$0]) }
        byteTokens = (UInt8.min...UInt8.max).map { byteFallback ? id(Self.token(ofByte: $0)) : -1 }
    }

    /// `<0x0A>` for 10.
    private static func token(ofByte byte: UInt8) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: true)
        return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
    }

    /// Calls `body` with the symbols of `text[word]`, which is whole characters; at most one for each byte.
    func forEachSymbol(of text: Span<UInt8>, _ word: Range<Int>, _ body: (Int32) -> Void) {
        var owesUnknown = false
        var place = word.lowerBound
        while place < word.upperBound {
            let first = text[place]
            let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let character = place..<min(place + width, word.upperBound)
            place = character.upperBound
            let id = width == 1 ? ascii[Int(first)] : contents.id(of: text, character) ?? -1
            if id >= 0 {
                if owesUnknown { body(unknown) }
                owesUnknown = false
                body(id)
            } else if character.allSatisfy({ byteTokens[Int(text[$0])] >= 0 }) {
                // The unknown token before them comes after them, as in the `tokenizers` package.
                for index in character { body(byteTokens[Int(text[index])]) }
            } else if unknown >= 0 {
                if owesUnknown, !fusesUnknown { body(unknown) }
                owesUnknown = true
            }
        }
        if owesUnknown { body(unknown) }
    }
}
