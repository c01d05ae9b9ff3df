/// Cuts texts into pieces of at most so many words.
///
/// A word is what stands between white space (Unicode's White_Space). A text that has no more words than a piece may
/// have stays as it is, to the last space. A longer one is cut in the white space between words, which is dropped
/// there; every other character stays, also white space before the first word and after the last.
public struct PassageSplitter: Sendable {
    /// 0: texts are never cut.
    public let wordsPerPassage: Int

    public init(wordsPerPassage: Int = 100) {
        precondition(wordsPerPassage >= 0, "\(wordsPerPassage) words")
        self.wordsPerPassage = wordsPerPassage
    }

    /// The pieces of `text`, in order; none when it has no word. O(bytes).
    public func pieces(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        var pieces: [String] = []
        var pieceStart = 0
        var wordEnd = 0
        var words = 0
        var index = 0
        var hasWord = false
        while true {
            while index < bytes.count {
                let space = Self.spaceLength(bytes, index)
                if space == 0 { break }
                index += space
            }
            if index >= bytes.count { break }
            if wordsPerPassage > 0, words == wordsPerPassage {
                pieces.append(String(decoding: bytes[pieceStart..<wordEnd], as: UTF8.self))
                pieceStart = index
                words = 0
            }
            hasWord = true
            words += 1
            while index < bytes.count, Self.spaceLength(bytes, index) == 0 { index += 1 }
            wordEnd = index
        }
        guard hasWord else { return [] }
        if pieces.isEmpty { return [text] }
        pieces.append(String(decoding: bytes[pieceStart...], as: UTF8.self))
        return pieces
    }

    /// Bytes of the white-space character at `index`, 0 when there stands none.
    private static func spaceLength(_ bytes: [UInt8], _ index: Int) -> Int {
        let first = bytes[index]
        if first < 0x80 { return first == 0x20 || (0x09...0x0D).contains(first) ? 1 : 0 }
        if first == 0xC2, index + 1 < bytes.count {
            return bytes[index + 1] == 0x85 || bytes[index + 1] == 0xA0 ? 2 : 0  // NEL, no-break space
        }
        guard first >= 0xE1, first <= 0xE3, index + 2 < bytes.count else { return 0 }
        let isSpace =
            switch (first, bytes[index + 1], bytes[index + 2]) {
            case (0xE1, 0x9A, 0x80): true  // U+1680
            case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9), (0xE2, 0x80, 0xAF): true
            case (0xE2, 0x81, 0x9F): true  // U+205F
            case (0xE3, 0x80, 0x80): true  // U+3000
            default: false
            }
        return isSpace ? 3 : 0
    }
}
