import Testing
import Words

struct WordAnalyzerTests {
    private static func terms(_ text: String, _ analysis: WordAnalysis = .plain) -> [String] {
        var analyzer = WordAnalyzer(analysis)
        var terms: [String] = []
        analyzer.forEachTerm(of: text) { terms.append(String(decoding: $0, as: UTF8.self)) }
        return terms
    }

    @Test(
        "words are bounded, folded and nothing else",
        arguments: [
            ("Where was the Eiffel Tower built?", ["where", "was", "the", "eiffel", "tower", "built"]),
            ("Où est né Molière, à l'été 1622 ?", ["ou", "est", "ne", "moliere", "a", "l'ete", "1622"]),
            ("cœur, Ærø, Łódź, đồng", ["coeur", "aero", "lodz", "dong"]),
            ("Die Straße STRASSE straße", ["die", "strasse", "strasse", "strasse"]),
            ("ΌΣΟΣ όσος İstanbul ISTANBUL ısı", ["οσοσ", "οσοσ", "istanbul", "istanbul", "isi"]),
            ("東京都は日本", ["東", "京", "都", "は", "日", "本"]),
            ("カタカナとｶﾀｶﾅ", ["カタカナ", "と", "カタカナ"]),
            ("한국어 단어", ["한국어", "단어"].map { $0.decomposed }),
            ("مُحَمَّد أحمد", ["محمد", "احمد"]),
            ("שָׁלוֹם", ["שלום"]),
            ("हिन्दी में", ["हिन्दी", "में"]),
            ("ไทย", ["ไ", "ท", "ย"]),
            ("I 💙 NY 👨‍👩‍👧‍👦 🇫🇷", ["i", "ny"]),
            ("O'Neil’s don't 'quoted' rock'n'roll'", ["o'neil's", "don't", "quoted", "rock'n'roll"]),
            (
                "3.14 1,000 2,5x v1.2 U.S.A. e.g. end.Next a,b 10.",
                [
                    "3.14", "1,000", "2,5x", "v1.2", "u.s.a", "e.g", "end.next", "a", "b", "10",
                ]
            ),
            (
                "snake_case __ _x well-known C++ #tag a@b.com",
                [
                    "snake_case", "_x", "well", "known", "c", "tag", "a", "b.com",
                ]
            ),
            ("ﬁne ½ ①x ℌello", ["fine", "x", "hello"]),
            ("co\u{AD}operate a\u{200B}b", ["cooperate", "a", "b"]),
            ("٣٫١٤ १२३", ["٣", "١٤", "१२३"]),
            ("", []),
            (" \n\t.,'\u{301}", []),
        ])
    func words(text: String, expected: [String]) {
        #expect(Self.terms(text) == expected)
    }

    @Test("English loses possessives, stop words and endings")
    func english() {
        #expect(
            Self.terms(
                "The queen's ponies, and its MEN'S relational caresses were at 3.14 for Zürich’s cafés", .english)
                == ["queen", "poni", "it", "men", "relat", "caress", "were", "3.14", "zurich", "cafe"])
    }

    @Test("composed and decomposed letters are one word")
    func normalForms() {
        #expect(Self.terms("caf\u{E9}") == Self.terms("cafe\u{301}"))
        #expect(Self.terms("\u{D55C}") == Self.terms("\u{1112}\u{1161}\u{11AB}"))
    }

    @Test("what the analyzer remembers changes nothing")
    func memory() {
        let text = String(repeating: "Running runners' cafés ran 3.14 times; the Straße is RUNNING. ", count: 50)
        var remembering = WordAnalyzer(.english, remembers: true)
        var terms: [String] = []
        for _ in 0..<2 {
            terms = []
            remembering.forEachTerm(of: text) { terms.append(String(decoding: $0, as: UTF8.self)) }
        }
        #expect(terms == Self.terms(text, .english))
    }

    @Test("distinct terms come in the order of their first appearance, up to a limit")
    func distinct() {
        var analyzer = WordAnalyzer(.english)
        #expect(analyzer.distinctTerms(of: "b c b a the c d", limit: 10) == ["b", "c", "d"])
        #expect(analyzer.distinctTerms(of: "b c b d", limit: 2) == ["b", "c"])
    }

    @Test(
        "megabytes without a space, with nothing but marks, or of odd characters pass in time that grows with their length",
        arguments: [
            "x", "\u{301}", "e\u{301}", "a.", "'", "_", "東", "👨‍👩‍👧‍👦", "\u{FDFA}", "\u{0}", "\u{10FFFF}", "a\u{200D}",
        ])
    func hostile(piece: String) {
        let text = String(repeating: piece, count: 2_000_000 / piece.utf8.count)
        let start = ContinuousClock.now
        var longest = 0
        var analyzer = WordAnalyzer(.english)
        analyzer.forEachTerm(of: text) { longest = max(longest, $0.count) }
        #expect(longest <= 255)
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}

extension String {
    fileprivate var decomposed: String {
        String(String.UnicodeScalarView(unicodeScalars.flatMap { $0.properties.isAlphabetic ? $0.jamo : [$0] }))
    }
}

extension Unicode.Scalar {
    /// A Hangul syllable's letters.
    fileprivate var jamo: [Unicode.Scalar] {
        guard (0xAC00...0xD7A3).contains(value) else { return [self] }
        let index = value - 0xAC00
        let letters = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
        return letters.filter { $0 != 0x11A7 }.compactMap(Unicode.Scalar.init)
    }
}
