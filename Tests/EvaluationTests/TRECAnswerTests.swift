import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct TRECAnswerTests {
    @Test(
        "a sentence ends with its line and after its mark, but not after initials, titles and numbers",
        arguments: [
            ("", []), (" \n ", []), ("No end", ["No end"]),
            ("One. Two!  Three?\nFour", ["One.", "Two!", "Three?", "Four"]),
            ("J. S. Bach met Dr. Watson. Then", ["J. S. Bach met Dr. Watson.", "Then"]),
            ("The U.S. Army paid 3.5 dollars, i.e. 4.", ["The U.S. Army paid 3.5 dollars, i.e. 4."]),
            ("He said \"no.\" She left (late.) They", ["He said \"no.\"", "She left (late.)", "They"]),
            ("Wait... what? Yes", ["Wait... what?", "Yes"]), ("一。二！三", ["一。", "二！", "三"]), (".", ["."]),
            (". .", [".", "."]),
            ("Né à Paris. Éluard", ["Né à Paris.", "Éluard"]), ("a\r\nb", ["a", "b"]),
        ] as [(String, [String])])
    func sentences(_ text: String, _ expected: [String]) {
        #expect(SentenceRanges.of(text).map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) } == expected)
    }

    private func passages(_ ids: [String]) -> [Passage] { ids.map { Passage(id: $0, title: "", text: "t") } }

    private func token(_ text: String, _ attention: [Float]) -> AnswerToken {
        AnswerToken(text: text, token: 1, logprob: 0, passageAttention: attention)
    }

    @Test("a sentence cites what its own tokens looked at most, strongest first, and pieces count as their document")
    func citations() {
        let answer = TRECAnswer(
            tokens: [
                token("Oslo is", [0.1, 0.2, 0.5, 0.1]), token(" big.", [0.1, 0.2, 0.5, 0.1]),
                token(" It is", [0.3, 0.0, 0.0, 0.2]), token("", [0.4, 0.0, 0.0, 0.1]),
                token(" old.", [0.3, 0, 0, 0.4]),
            ],
            passages: passages(["a#1", "b", "c#2_7", "a#2"]), format: .year2024)
        #expect(answer.references == ["a", "b", "c#2_7"])
        #expect(answer.sentences.map(\.text) == ["Oslo is big.", "It is old."])
        // a: 0.2 and 0.2, b: 0.4, c: 1.0; then a: 1.0 and 0.7.
        #expect(answer.sentences.map(\.citations) == [[2], [0]])
        #expect(answer.wordCount == 6)
        let short = TRECAnswer(
            tokens: [token("No.", [0.1, 0.3]), token("", [0.2, 0.0]), token(" Yes.", [0.2, 0.1])],
            passages: passages(["a", "b"]), format: .year2024)
        #expect(short.sentences.map(\.citations) == [[1], [0]])
        let line = answer.line(topicID: "7", topic: "Oslo?", run: "r", team: "t").line
        #expect(
            line == """
                {"run_id":"r","topic_id":"7","topic":"Oslo?","references":["a","b","c#2_7"],"response_length":6,"answer":\
                [{"text":"Oslo is big.","citations":[2]},{"text":"It is old.","citations":[0]}]}
                """)
    }

    @Test("of near equals at most three are cited, in order, and nothing is where nothing was looked at")
    func ties() {
        let even = TRECAnswer(
            tokens: [token("Yes", [0.2, 0.2, 0.11, 0.2, 0.09])], passages: passages(["a", "b", "c", "d", "e"]),
            format: .year2025)
        #expect(even.sentences.map(\.citations) == [[0, 1, 3]])
        for attention in [[], [0, 0]] as [[Float]] {
            let none = TRECAnswer(tokens: [token("Yes", attention)], passages: passages(["a", "b"]), format: .year2025)
            #expect(none.sentences.map(\.citations) == [[]])
        }
        let line = TRECAnswer(tokens: [], passages: [], format: .year2025).line(
            topicID: "7", topic: "Oslo?", run: "r", team: "t")
        #expect(
            line.line == """
                {"metadata":{"team_id":"t","run_id":"r","type":"automatic","narrative_id":"7","narrative":"Oslo?"},\
                "references":[],"answer":[]}
                """)
    }

    @Test("no more references than the track takes, and what is beyond them is not cited")
    func limits() {
        let ids = (0..<120).map { "p\($0)" }
        var attention = [Float](repeating: 0, count: 120)
        (attention[3], attention[50], attention[110]) = (0.1, 0.4, 0.4)
        for (format, references, citations) in [(TRECAnswer.Format.year2024, 20, [3]), (.year2025, 100, [50])] {
            let answer = TRECAnswer(tokens: [token("Yes", attention)], passages: passages(ids), format: format)
            #expect(answer.references.count == references && answer.sentences.map(\.citations) == [citations])
        }
    }

    @Test("topics are read in the form of either year, and others are refused with their place")
    func topics() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("topics")
        func read(_ text: String) throws -> [Question] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return try EvaluationQuestion.readTopics(path: path).map(\.question)
        }
        func message(_ text: String) -> String {
            do {
                return "\(try read(text))"
            } catch {
                return "\(error)"
            }
        }
        let expected = [
            Question(id: "1", question: "who?", answers: []), Question(id: "2", question: "where?", answers: []),
        ]
        #expect(try read("1\twho?\r\n\n2\twhere?\n") == expected)
        #expect(try read("{\"id\":1,\"title\":\"who?\"}\n{\"id\":\"2\",\"narrative\":\"where?\"}") == expected)
        #expect(message("1\twho?\n1\twhat?").contains("topics:2: topic '1' stands a second time"))
        #expect(message("1 who?").contains("topics:1: 1 columns"))
        #expect(message("{\"id\":1}").contains("\"title\" is missing"))
        #expect(message("1\t ").contains("topics:1: the id or the topic is empty"))
        #expect(message("\n").contains("holds no topic"))
    }
}
