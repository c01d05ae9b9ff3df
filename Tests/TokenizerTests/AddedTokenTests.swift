import Testing

@testable import Tokenizer

@Suite("Added tokens")
struct AddedTokenTests {
    private func token(
        _ content: String, _ id: Int32, isSpecial: Bool = false, isSingleWord: Bool = false, stripsLeft: Bool = false,
        stripsRight: Bool = false, isNormalized: Bool = false
    ) -> AddedToken {
        AddedToken(
            content: Array(content.utf8), id: id, isSpecial: isSpecial, isSingleWord: isSingleWord,
            stripsLeft: stripsLeft, stripsRight: stripsRight, isNormalized: isNormalized)
    }

    /// Parts as text, tokens with their id after a `#`.
    private func parts(_ text: String, _ tokens: [AddedToken], recognisesSpecial: Bool = true) -> [String] {
        let bytes = Array(text.utf8)
        let added = AddedTokens(tokens)
        return added.verbatimParts(of: bytes.span, recognisesSpecial ? .recognised : .plain).flatMap { part in
            part.id == nil
                ? added.normalizedParts(of: bytes.span, part.range, recognisesSpecial ? .recognised : .plain) : [part]
        }.map { part in
            String(decoding: bytes[part.range], as: UTF8.self) + (part.id.map { "#\($0)" } ?? "")
        }
    }

    @Test("the leftmost token wins, and of those the longest")
    func leftmostLongest() {
        let tokens = [token("<a>", 1), token("<a>b", 2), token("bc", 3), token("a", 4)]
        #expect(parts("x<a>bc", tokens) == ["x", "<a>b#2", "c"])
        #expect(parts("<a>ca", tokens) == ["<a>#1", "c", "a#4"])
        #expect(parts("<", tokens) == ["<"])
    }

    @Test("stripping takes the white space beside a token, not what belongs to the token before")
    func stripping() {
        let tokens = [token("<l>", 1, stripsLeft: true), token("<r>", 2, stripsRight: true)]
        #expect(parts("a \u{3000}<l> b", tokens) == ["a", " \u{3000}<l>#1", " b"])
        #expect(parts("a <r> \n b", tokens) == ["a ", "<r> \n #2", "b"])
        #expect(parts("<r>  <l>", tokens) == ["<r>  #2", "<l>#1"])
    }

    @Test("a single-word token is not found inside a word")
    func singleWord() {
        let tokens = [token("cat", 1, isSingleWord: true)]
        #expect(parts("cat cats concat cat", tokens) == ["cat#1", " cats concat ", "cat#1"])
        #expect(parts("cat\u{301} é", tokens) == ["cat\u{301} é"])
    }

    @Test("plain text keeps special tokens as text and finds the others")
    func plain() {
        let tokens = [token("<s>", 1, isSpecial: true), token("ab", 2)]
        #expect(parts("<s>ab", tokens, recognisesSpecial: false) == ["<s>", "ab#2"])
    }

    @Test("normalized tokens are looked for in what the others leave")
    func normalized() {
        let tokens = [token("ab", 1, isNormalized: true), token("bc", 2)]
        #expect(parts("abc ab", tokens) == ["a", "bc#2", " ", "ab#1"])
    }
}
