import Core
import Evaluation
import Indexing
import Testing

@Suite struct PassageFirstSentenceTests {
    @Test(
        "a passage's first sentence is its text's, or its title, and never long",
        arguments: [
            ("t", "One two. Three.", "One two"), ("t", "Was it?  Yes!", "Was it"), ("The title", "", "The title"),
            ("t", "…", "…"), ("t", " a\nb\tc ", "a b c"), ("t", "。", ""),
            ("", "3.5 metres long. Wide.", "3.5 metres long"),
            ("t", String(repeating: "w ", count: 90), String(repeating: "w ", count: 23) + "w"),
        ])
    func firstSentence(title: String, text: String, expected: String) {
        #expect(Passage(id: "a", title: title, text: text).firstSentence == expected)
    }
}
