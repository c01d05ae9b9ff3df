import Core
import Testing

struct TerminalTextTests {
    @Test("what steers a terminal gets a visible form; line feeds, tabs and letters stay")
    func visible() {
        #expect(TerminalText.visible("a\u{1B}[31mb\r\u{7F}") == "a␛[31mb␍␡")
        #expect(TerminalText.visible("\u{9B}2J\u{202E}x\u{2066}") == "<U+009B>2J<U+202E>x<U+2066>")
        let plain = "line\n\tpassé 北京 👩‍👩‍👧 \u{A0}"
        #expect(TerminalText.visible(plain) == plain)
    }
}
