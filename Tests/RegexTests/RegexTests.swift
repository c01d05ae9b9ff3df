import Regex
import Testing

/// All matches as text.
private func matches(
    _ pattern: String, in text: String, options: Regex.Options = [], limit: Int = .max
) throws -> [String] {
    let regex = try Regex(pattern, options: options)
    var ranges: [Range<Int>] = []
    var cursor = MatchCursor()
    while !cursor.isFinished {
        try regex.findMatches(
            in: text.utf8Span, range: 0..<text.utf8.count, cursor: &cursor, limit: limit, appendingTo: &ranges)
    }
    let bytes = Array(text.utf8)
    return ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
}

@Suite("Regex")
struct RegexTests {
    @Test("letters and digits are those of Unicode")
    func unicodeProperties() throws {
        #expect(try matches(#"\p{L}+|\p{N}+"#, in: "añb 12 жю, 東京٣") == ["añb", "12", "жю", "東京", "٣"])
        #expect(try matches(#"\s+"#, in: "a\u{A0}\u{3000}b\u{85}") == ["\u{A0}\u{3000}", "\u{85}"])
    }

    @Test("taking few matches at a time gives the same as taking all", arguments: [1, 2, 3, 7])
    func limits(_ limit: Int) throws {
        let text = "one  two, three\n\n четыре 5678 "
        let pattern = #" ?\p{L}+|\p{N}{1,3}|\s+(?!\S)|\s+"#
        #expect(try matches(pattern, in: text, limit: limit) == matches(pattern, in: text))
    }

    @Test("only the given range exists for the pattern")
    func ranges() throws {
        let regex = try Regex(#"(?<!a)b(?!c)"#)
        let text = "abc"
        var found: [Range<Int>] = []
        var cursor = MatchCursor()
        try regex.findMatches(in: text.utf8Span, range: 1..<2, cursor: &cursor, appendingTo: &found)
        #expect(found == [1..<2])
        #expect(try matches(#"(?<!a)b(?!c)"#, in: text).isEmpty)
    }

    @Test("an empty match directly after a match is left out")
    func emptyMatches() throws {
        #expect(try matches("x*", in: "éxxé") == ["", "xx", ""])
        #expect(try matches("x*", in: "") == [""])
    }

    @Test("a literal pattern means only itself")
    func literal() throws {
        #expect(try matches("a.b", in: "a.b axb", options: .literal) == ["a.b"])
    }

    @Test("a mistake in a pattern is reported with its place")
    func patternErrors() throws {
        let error = #expect(throws: RegexError.self) { try Regex("ab(c") }
        #expect(error?.call == "pcre2_compile")
        #expect(error?.patternOffset == 4)
        #expect(throws: RegexError.self) { try Regex(#"\C"#) }
    }

    @Test("a match too deep for the compiled code's stack is interpreted and found")
    func deepMatch() throws {
        let text = String(repeating: "ab", count: 200_000)
        #expect(try matches(#"(?:(a)|(b))*$"#, in: text).first?.utf8.count == 400_000)
    }

    @Test("a pattern that backtracks without end is an error, not a hang")
    func catastrophicPattern() {
        #expect(throws: RegexError.self) {
            try matches(#"(?:x+x+)+(?:y|z{2})"#, in: String(repeating: "x", count: 64) + "z")
        }
    }

    @Test("one regular expression serves many threads at once")
    func threads() async throws {
        let regex = try Regex(#"\p{L}+"#)
        let text = String(repeating: "слово word ", count: 500)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var found: [Range<Int>] = []
                    var cursor = MatchCursor()
                    try regex.findMatches(
                        in: text.utf8Span, range: 0..<text.utf8.count, cursor: &cursor, appendingTo: &found)
                    return found.count
                }
            }
            for try await count in group { #expect(count == 1000) }
        }
    }
}
