/// Finds the added tokens that stand in a text, with the rules of the `tokenizers` package.
struct AddedTokens: Sendable {
    /// A piece of the text: a token, or text between tokens.
    struct Part: Sendable, Equatable {
        /// Nil for text.
        let id: Int32?
        let range: Range<Int>
    }

    private let tokens: [AddedToken]
    /// Those looked for first, in the whole text, and those looked for in what is left.
    private var verbatim = TokenTrie()
    private var normalized = TokenTrie()
    private let hasOnlySpecial: Bool

    init(_ tokens: [AddedToken], normalizer: Normalizer? = nil) {
        self.tokens = tokens
        hasOnlySpecial = tokens.allSatisfy(\.isSpecial)
        for (index, token) in tokens.enumerated() {
            if token.isNormalized {
                normalized.insert(normalizer?.normalized(token.content) ?? token.content, token: index)
            } else {
                verbatim.insert(token.content, token: index)
            }
        }
    }

    /// The whole of `text` as text and those tokens that are looked for before it is normalised, in order.
    ///
    /// - Parameter specials: where special tokens are text, other added tokens are found all the same.
    func verbatimParts(of text: Span<UInt8>, _ specials: Tokenizer.SpecialTokens) -> [Part] {
        parts(of: text, 0..<text.count, verbatim, specials)
    }

    /// `text[region]`, which is normalised text between tokens, as the other tokens and text.
    func normalizedParts(of text: Span<UInt8>, _ region: Range<Int>, _ specials: Tokenizer.SpecialTokens) -> [Part] {
        parts(of: text, region, normalized, specials)
    }

    private func parts(
        of text: Span<UInt8>, _ region: Range<Int>, _ trie: TokenTrie, _ specials: Tokenizer.SpecialTokens
    ) -> [Part] {
        let isPlain = if case .plain = specials { true } else { false }
        if trie.isEmpty || (hasOnlySpecial && isPlain) { return [Part(id: nil, range: region)] }
        var parts: [Part] = []
        split(text, region, trie, specials, into: &parts)
        return parts
    }

    /// One pass. The order of the rules, and that a token refused by one still hides what it overlaps, are those of
    /// `AddedVocabulary::find_matches`.
    private func split(
        _ text: Span<UInt8>, _ region: Range<Int>, _ trie: TokenTrie, _ specials: Tokenizer.SpecialTokens,
        into parts: inout [Part]
    ) {
        var covered = region.lowerBound
        var place = region.lowerBound
        while let match = trie.firstMatch(in: text, place, region.upperBound) {
            place = match.range.upperBound
            let token = tokens[match.token]
            if token.isSpecial, !specials.recognises(match.range) {
                // What is partly data must not hide a token of the template.
                if case .within = specials { place = match.range.lowerBound + 1 }
                continue
            }
            var start = match.range.lowerBound
            var end = match.range.upperBound
            if token.isSingleWord, Self.isInsideWord(text, region, match.range) { continue }
            if token.stripsLeft {
                while start > covered, let scalar = text.scalar(before: start), scalar.properties.isWhitespace {
                    start -= UTF8.width(scalar)
                }
            }
            if token.stripsRight {
                while end < region.upperBound, let scalar = text.scalar(at: end), scalar.properties.isWhitespace {
                    end += UTF8.width(scalar)
                }
            }
            if token.stripsLeft { start = max(start, covered) }
            // A token inside the white space that the one before took with it still counts, unless nothing is left of
            // it.
            guard start < end else { continue }
            if covered < start { parts.append(Part(id: nil, range: covered..<start)) }
            parts.append(Part(id: token.id, range: start..<end))
            covered = end
        }
        if covered < region.upperBound { parts.append(Part(id: nil, range: covered..<region.upperBound)) }
    }

    private static func isInsideWord(_ text: Span<UInt8>, _ region: Range<Int>, _ match: Range<Int>) -> Bool {
        if match.lowerBound > region.lowerBound, text.scalar(before: match.lowerBound)?.isWord ?? false { return true }
        return match.upperBound < region.upperBound && text.scalar(at: match.upperBound)?.isWord ?? false
    }
}

extension Span<UInt8> {
    /// The character that starts at `offset` of valid UTF-8.
    fileprivate func scalar(at offset: Int) -> Unicode.Scalar? {
        let first = self[offset]
        let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard width > 1, offset + width <= count else { return Unicode.Scalar(first) }
        var value = UInt32(first & (0xFF >> UInt8(width + 1)))
        for index in offset + 1..<offset + width { value = value << 6 | UInt32(self[index] & 0x3F) }
        return Unicode.Scalar(value)
    }

    /// The character that ends at `offset` of valid UTF-8.
    fileprivate func scalar(before offset: Int) -> Unicode.Scalar? {
        var start = offset - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return scalar(at: start)
    }
}

extension Unicode.Scalar {
    /// `\w` of Unicode's regular expressions (UTS #18, annex C).
    fileprivate var isWord: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: properties.isAlphabetic || properties.isJoinControl
        }
    }
}
