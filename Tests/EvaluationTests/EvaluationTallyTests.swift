import Core
import Testing

@testable import Evaluation

struct EvaluationTallyTests {
    @Test("recall counts the rank of the first passage with an answer, in its title or its text")
    func tally() {
        var tally = EvaluationTally()
        let question = EvaluationQuestion(Question(id: "1", question: "?", answers: ["Oslo"]), place: "")
        func passages(answerAt rank: Int) -> [Passage] {
            (1...12).map { Passage(id: "\($0)", title: $0 == rank ? "The Oslo" : "", text: "nothing") }
        }
        #expect(tally.add(question, answer: "oslo", passages: passages(answerAt: 1)).rank == 1)
        #expect(tally.add(question, answer: "Bergen", passages: passages(answerAt: 5)).rank == 5)
        #expect(tally.add(question, answer: "the Oslo.", passages: passages(answerAt: 10)).isExactMatch)
        #expect(tally.add(question, answer: "", passages: []).rank == nil)
        #expect(tally.outcomes.count == 4 && tally.exactMatch.mean == 0.5 && tally.rPrecision == nil)
        tally.addFailure(question)
        #expect(tally.outcomes.count == 5 && tally.failed == 1 && tally.exactMatch.mean == 0.4)
        #expect(tally.exactMatch.low < 0.4 && tally.exactMatch.high > 0.4)
        tally = EvaluationTally()
        for rank in [1, 5, 10, 12] { tally.add(question, answer: "Oslo, Norway", passages: passages(answerAt: rank)) }
        #expect(tally.recall.map(\.k) == [1, 5, 10] && tally.recall.map(\.share.mean) == [0.25, 0.5, 0.75])
        #expect(tally.exactMatch.mean == 0 && abs(tally.f1.mean - 2.0 / 3) < 1e-12)
    }

    @Test("F1 counts shared words as often as both have them, and takes the best answer")
    func f1() {
        #expect(AnswerText.f1("the Oslo", answers: ["oslo"]) == 1)
        #expect(AnswerText.f1("Oslo in Norway", answers: ["Bergen", "Oslo, Norway"]) == 0.8)
        #expect(AnswerText.f1("no no no", answers: ["no no yes yes"]) == 4.0 / 7)
        #expect(AnswerText.f1("", answers: ["x"]) == 0 && AnswerText.f1("the", answers: ["a"]) == 1)
    }
}
