/// Where the sentences of a text are.
///
/// A sentence ends with its line, and after `.`, `!`, `?` and their kin where white space and no small letter follow,
/// unless what ends there is an initial or a title, as in `J. S. Bach`, `the U.S. Army` and `Dr. Watson`.
enum SentenceRanges {
    private static let ends: Set<Character> = [".", "!", "?", "…", "。", "！", "？"]
    /// These need no white space behind them.
    private static let wideEnds: Set<Character> = ["。", "！", "？"]
    private static let closing: Set<Character> = ["\"", "'", ")", "]", "»", "”", "’", "」"]
    private static let abbreviations: Set<String> = [
        "dr", "etc", "jr", "mr", "mrs", "ms", "prof", "sr", "st", "vs",
    ]

    /// In bytes of `text`, in order, without white space around; none is empty.
    static func of(_ text: String) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var rest = text[...]
        while !rest.isEmpty {
            let sentence = rest[..<firstEnd(of: rest)]
            rest = rest[sentence.endIndex...]
            guard let first = sentence.firstIndex(where: { !$0.isWhitespace }),
                let last = sentence.lastIndex(where: { !$0.isWhitespace })
            else { continue }
            let start = text.utf8.distance(from: text.startIndex, to: first)
            ranges.append(start..<start + text[first...last].utf8.count)
        }
        return ranges
    }

    /// Where the first sentence of `text` ends, after at least one character.
    private static func firstEnd(of text: Substring) -> String.Index {
        var place = text.startIndex
        while place < text.endIndex {
            let character = text[place]
            place = text.index(after: place)
            if character.isNewline { return place }
            guard ends.contains(character) else { continue }
            let isWide = wideEnds.contains(character)
            if character == ".", isAbbreviated(text[..<text.index(before: place)]) { continue }
            while place < text.endIndex, ends.contains(text[place]) || closing.contains(text[place]) {
                place = text.index(after: place)
            }
            guard let next = text[place...].first else { return place }
            let following = text[place...].first { !$0.isWhitespace }
            if isWide || next.isWhitespace, following?.isLowercase != true { return place }
        }
        return text.endIndex
    }

    /// Whether the word that ends `text` is an initial or a title, behind which a full stop ends no sentence.
    private static func isAbbreviated(_ text: Substring) -> Bool {
        let word = text.reversed().prefix { !$0.isWhitespace }.reversed().drop { closing.contains($0) || $0 == "(" }
        let parts = String(word).split(separator: ".")
        if let first = parts.first, parts.allSatisfy({ $0.count == 1 }),
            parts.count > 1 || first.first?.isUppercase == true
        {
            return true
        }
        return abbreviations.contains(String(word).lowercased())
    }
}
