import Core
import Testing

@testable import Evaluation

struct EvaluationTallyTests {
    @Test("recall counts the rank of the first passage with an answer, in its title or its text")
    func tally() {
        var tally = EvaluationTally()
        let question = Question(id: "1", question: "?", answers: ["Oslo"])
        func passages(answerAt rank: Int) -> [Passage] {
            (1...12).map { Passage(id: "\($0)", title: $0 == rank ? "The Oslo" : "", text: "nothing") }
        }
        #expect(tally.add(question, answer: "oslo", passages: passages(answerAt: 1)).rank == 1)
        #expect(tally.add(question, answer: "Bergen", passages: passages(answerAt: 5)).rank == 5)
        #expect(tally.add(question, answer: "the Oslo.", passages: passages(answerAt: 10)).isExactMatch)
        #expect(tally.add(question, answer: "", passages: []).rank == nil)
        #expect(tally.questions == 4 && tally.exactMatch == 0.5)
        tally.addFailure()
        #expect(tally.questions == 5 && tally.failed == 1 && tally.exactMatch == 0.4)
        tally = EvaluationTally()
        for rank in [1, 5, 10, 12] { _ = tally.add(question, answer: "", passages: passages(answerAt: rank)) }
        #expect(tally.recall.map(\.k) == [1, 5, 10] && tally.recall.map(\.share) == [0.25, 0.5, 0.75])
    }
}
