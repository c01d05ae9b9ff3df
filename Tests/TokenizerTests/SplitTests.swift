import Regex
import Testing

@testable import Tokenizer

@Suite("Splitting")
struct SplitTests {
    private func pieces(_ text: String, _ steps: [SplitStep], prefixSpaceBefore: Int? = nil) throws -> [String] {
        let preTokenizer = PreTokenizer(steps: steps, prefixSpaceBefore: prefixSpaceBefore, metaspace: nil)
        var scratch = PieceScratch()
        var pieces: [String] = []
        try preTokenizer.forEachBatch(of: text.utf8Span, 0..<text.utf8.count, isAtStart: true, &scratch) {
            text, ranges in
            for range in ranges {
                pieces.append(String(decoding: range.map { text[$0] }, as: UTF8.self))
            }
        }
        return pieces
    }

    private func step(_ pattern: String, _ behavior: SplitStep.Behavior, isInverted: Bool = false) throws -> SplitStep {
        SplitStep(regex: try Regex(pattern), behavior: behavior, isInverted: isInverted)
    }

    // The example of the `tokenizers` package's documentation.
    @Test(
        "each behaviour puts the matches where the format says",
        arguments: [
            (.removed, ["the", "final", "countdown"]),
            (.isolated, ["the", "-", "final", "-", "-", "countdown"]),
            (.mergedWithPrevious, ["the-", "final-", "-", "countdown"]),
            (.mergedWithNext, ["the", "-final", "-", "-countdown"]),
            (.contiguous, ["the", "-", "final", "--", "countdown"]),
        ] as [(SplitStep.Behavior, [String])])
    func behaviors(_ behavior: SplitStep.Behavior, _ expected: [String]) throws {
        #expect(try pieces("the-final--countdown", [step("-", behavior)]) == expected)
    }

    @Test("inverted, what lies between the matches is removed")
    func inverted() throws {
        #expect(try pieces("ab-cd", [step("-", .removed, isInverted: true)]) == ["-"])
        #expect(try pieces("ab-cd", [step("-", .isolated, isInverted: true)]) == ["ab", "-", "cd"])
    }

    @Test("steps apply one after another, each to the pieces of the one before")
    func sequence() throws {
        let steps = [try step(#"\s"#, .isolated), try step(#"\p{N}"#, .contiguous)]
        #expect(try pieces("a12 3b", steps) == ["a", "12", " ", "3", "b"])
    }

    @Test("pieces that do not start with a space get one where the file asks for it")
    func prefixSpace() throws {
        #expect(try pieces("ab", [], prefixSpaceBefore: 0) == [" ab"])
        #expect(try pieces(" ab", [], prefixSpaceBefore: 0) == [" ab"])
        #expect(try pieces("a-b c", [step("-", .removed)], prefixSpaceBefore: 1) == [" a", " b c"])
    }

    @Test("a long text is cut the same in batches as in one go")
    func batches() throws {
        let text = String(repeating: "word 12, ", count: 3000)
        let isolated = try pieces(text, [step(#"\s+|\p{N}+"#, .isolated)])
        #expect(isolated.joined() == text)
        #expect(isolated.count == 15_000)
        #expect(try pieces(text, [step(#"\s+"#, .removed)]).count == 6000)
    }

    @Test("Oniguruma's notation means in PCRE2 what it means there")
    func dialect() throws {
        func matches(_ pattern: String, _ text: String) throws -> [String] {
            try pieces(
                text,
                [
                    SplitStep(
                        regex: try Regex(OnigurumaPattern.translated(pattern), options: .multiline), behavior: .removed,
                        isInverted: true)
                ])
        }
        // U+180E is no white space; U+0085 is.
        #expect(try matches(#"\s+"#, "a\u{180E} \u{85}b") == [" \u{85}"])
        #expect(try matches(#"[^\s]+"#, "a\u{180E} b") == ["a\u{180E}", "b"])
        // U+1E030 is a letter since Unicode 15, U+31350 is Han since then; U+3001 is used in Han text but is not Han.
        #expect(try matches(#"\p{L}+"#, "-\u{1E030}a-") == ["\u{1E030}a"])
        #expect(try matches(#"\p{Han}+"#, "東\u{31350}\u{3001}") == ["東\u{31350}"])
        #expect(try matches(#"\h+"#, "xyz09afg") == ["09af"])
        #expect(try matches(#"(?m).+"#, "a\nb") == ["a\nb"])
        #expect(try matches("a{,2}b", "aaab") == ["aab"])
        #expect(try matches("[]a]+", "x]a]x") == ["]a]"])
    }

    @Test(
        "what has no counterpart in PCRE2 is refused",
        arguments: ["[a&&b]", "[a[bc]]", #"\p{N}{1,3}+"#, #"[\W]"#, #"\X"#, "[[:graph:]]"])
    func unsupported(_ pattern: String) {
        #expect(throws: (any Error).self) { try OnigurumaPattern.translated(pattern) }
    }
}
