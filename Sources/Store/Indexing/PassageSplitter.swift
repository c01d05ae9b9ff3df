/// Splits texts into pieces of a limited number of words.
///
/// A word is a run between white space (Unicode's White_Space); but in a run with more than `unspacedLimit` letters of
/// a script written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese), each of these letters is one. A text
/// within the limit is kept unchanged, to the last space. A longer one is cut between words, dropping the white space
/// there and nothing else, not even white space before the first word or after the last.
public struct PassageSplitter: Sendable {
    /// Up to this many letters of such a script between white space are one word: a name in a text of another language.
    static let unspacedLimit = 16

    /// 0: texts are never cut.
    public let wordsPerPassage: Int

    public init(wordsPerPassage: Int = 100) {
        precondition(wordsPerPassage >= 0, "\(wordsPerPassage) words")
        self.wordsPerPassage = wordsPerPassage
    }

    /// The pieces of `text`, in order; none when it has no words. O(bytes).
    public func pieces(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        var pieces: [String] = []
        var pieceStart = 0
        var wordEnd = 0
        var words = 0
        var index = 0
        var hasWord = false
        func beginWord(at start: Int, after end: Int) {
            if words == wordsPerPassage {
                pieces.append(String(decoding: bytes[pieceStart..<end], as: UTF8.self))
                pieceStart = start
                words = 0
            }
            words += 1
        }
        while true {
            while index < bytes.count {
                let space = Self.spaceLength(bytes, index)
                if space == 0 { break }
                index += space
            }
            if index >= bytes.count { break }
            hasWord = true
            let runStart = index
            while index < bytes.count, Self.spaceLength(bytes, index) == 0 { index += 1 }
            guard wordsPerPassage > 0 else { continue }
            beginWord(at: runStart, after: wordEnd)
            for start in Self.innerStarts(bytes[runStart..<index]) { beginWord(at: start, after: start) }
            wordEnd = index
        }
        guard hasWord else { return [] }
        if pieces.isEmpty { return [text] }
        pieces.append(String(decoding: bytes[pieceStart...], as: UTF8.self))
        return pieces
    }

    /// Where the words after the first begin in `run`, which has no white space.
    private static func innerStarts(_ run: ArraySlice<UInt8>) -> [Int] {
        // Letters of these scripts have three bytes or more.
        guard run.count > 3 * unspacedLimit else { return [] }
        var starts: [Int] = []
        var (place, letters) = (run.startIndex, 0)
        var previous: Unicode.Scalar?
        for scalar in String(decoding: run, as: UTF8.self).unicodeScalars {
            if isUnspaced(scalar.value) {
                letters += 1
                // Khmer and Burmese stack letters; these signs join one to the letter before.
                if place > run.startIndex, previous != "\u{17D2}", previous != "\u{1039}" { starts.append(place) }
            } else if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil,
                let previous, isUnspaced(previous.value)
            {
                starts.append(place)
            }
            previous = scalar
            place += UTF8.width(scalar)
        }
        return letters > unspacedLimit ? starts : []
    }

    /// Whether it can begin a word in a script without spaces: a letter, not a combining sign or punctuation.
    private static func isUnspaced(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true  // Chinese characters
        case 0x3041...0x3096, 0x30A1...0x30FA, 0x31F0...0x31FF, 0xFF66...0xFF9D: true  // kana
        case 0x0E01...0x0E2E, 0x0E40...0x0E44, 0x0E81...0x0EAE, 0x0EC0...0x0EC4: true  // Thai, Lao
        case 0x1780...0x17A2, 0x1000...0x1021: true  // Khmer, Burmese
        default: false
        }
    }

    /// Bytes of the white-space character at `index`; 0 when there is none.
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
