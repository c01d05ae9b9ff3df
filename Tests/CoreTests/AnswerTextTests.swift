import Testing

@testable import Core

@Suite struct AnswerTextTests {
    // Expected values from SQuAD's own function, run in Python 3.11.
    @Test(
        "normalisation is that of SQuAD's script",
        arguments: [
            ("The  Eiffel Tower!", "eiffel tower"), ("a", ""), ("An apple a day", "apple day"), ("U.S.A.", "usa"),
            ("anaconda theatre", "anaconda theatre"), ("1990-95", "199095"), ("a–b", "–b"), ("a-b", "ab"),
            ("Ünïté, THE\u{A0}end", "ünïté end"), ("«the»", "« »"), ("x\u{1C}y", "x y"), ("", ""),
            ("the_a", "thea"), ("a\u{301}b", "\u{301}b"), ("½ the", "½"), ("“quoted”", "“quoted”"),
        ])
    func normalization(text: String, expected: String) {
        #expect(
            AnswerText.normalize(text).unicodeScalars.elementsEqual(expected.unicodeScalars),
            "\(AnswerText.normalize(text))")
    }

    @Test("an answer matches exactly when one of the right ones has the same normal form")
    func exactMatch() {
        #expect(AnswerText.isExactMatch(" The Beatles.", answers: ["x", "beatles"]))
        #expect(!AnswerText.isExactMatch("The Beatles band", answers: ["beatles"]))
        #expect(!AnswerText.isExactMatch("", answers: ["x"]))
        #expect(!AnswerText.isExactMatch("x", answers: []))
    }

    @Test("an answer is inside a text as whole words only, across punctuation and articles")
    func containment() {
        let text = "In 1990-95, U.S. troops of the King (Harald-Hårfagre) left."
        for answer in ["1990", "US", "U.S.", "king harald", "Troops of King", "the left", "Hårfagre"] {
            #expect(AnswerText.contains(text, answers: [answer]), "\(answer)")
        }
        for answer in ["199", "king left", "the", "!", "", "left left"] {
            #expect(!AnswerText.contains(text, answers: [answer]), "\(answer)")
        }
        #expect(AnswerText.contains(text, answers: ["nobody", "king"]))
        #expect(!AnswerText.contains("", answers: ["x"]))
    }
}
