import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct KILTTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func file(_ text: String) throws -> String {
        let path = directory.file("questions.jsonl")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test(
        "each family of tasks has the paper's template",
        arguments: [
            (.nq, "who?", "Q: who? A:"), (.hotpotqa, "who?", "Q: who? A:"), (.triviaqa, "who?", "Q: who? A:"),
            (.fever, "Oslo is big.", "Is this statement true? Oslo is big. A:"),
            (
                .trex, "Oslo [SEP] country",
                "Oslo [SEP] country Provide the answer corresponding to the relation specified after [SEP] for the entity "
                    + "mentioned before [SEP] A:"
            ),
            (
                .wned, "in [START_ENT] Oslo [END_ENT] now",
                "in [START] Oslo [END] now Output the Wikipedia page title of the entity mentioned between [START] and [END] in "
                    + "the given text A:"
            ),
        ] as [(KILTTask, String, String)])
    func templates(_ task: KILTTask, _ input: String, _ prompt: String) {
        #expect(task.prompt(input) == prompt)
    }

    @Test("a task is called as its files are")
    func names() {
        #expect(KILTTask(rawValue: "structured_zeroshot") == .structuredZeroshot)
        for task in [KILTTask.aidayago2, .cweb, .structuredZeroshot] {
            #expect(task.prompt("x").hasPrefix("x ") && task.prompt("x").hasSuffix(" A:"))
        }
    }

    @Test("answers are read once each, and provenance as sets of pages, each page once")
    func reading() throws {
        let path = try file(
            """
            {"id":"a","input":"where?","output":[{"answer":"Oslo","provenance":[{"wikipedia_id":"1","title":"Oslo"},\
            {"wikipedia_id":"1","title":"Oslo","start_paragraph_id":3},{"wikipedia_id":2}]},{"answer":"Oslo"},\
            {"provenance":[{"title":"Norway"}]},{"answer":"Christiania","provenance":[]}]}

            {"id":"b","input":"who?","output":[{"answer":"x"}]}
            """)
        let questions = try EvaluationQuestion.readKILT(path: path)
        #expect(questions.map(\.question.answers) == [["Oslo", "Christiania"], ["x"]])
        #expect(
            questions[0].provenance == [
                [KILTPage(id: "1", title: "Oslo"), KILTPage(id: "2")], [KILTPage(id: "", title: "Norway")],
            ])
        #expect(questions[1].provenance.isEmpty && questions[1].place == "\(path):3")
        #expect(try EvaluationQuestion.readKILT(path: path, limit: 1).count == 1)
        let nameless = try file(#"{"id":"a","input":"?","output":[{"answer":"x","provenance":[{}]}]}"#)
        let error = #expect(throws: ImpRAGError.self) { try EvaluationQuestion.readKILT(path: nameless) }
        #expect(error?.message.contains("it names neither wikipedia_id nor title") == true, "\(error as Any)")
    }

    @Test("R-precision is the best over the sets, R is the set's size, and a page is known by its id or its title")
    func rPrecision() {
        let found = ["1", "2", "3"].map { KILTPage(id: $0, title: "T\($0)") }
        func value(_ sets: [[KILTPage]]) -> Double? { KILTPage.rPrecision(found, provenance: sets) }
        #expect(value([]) == nil)
        #expect(value([[KILTPage(id: "2")]]) == 0 && value([[KILTPage(id: "1")]]) == 1)
        #expect(value([[KILTPage(id: "2"), KILTPage(id: "3")]]) == 0.5)
        #expect(value([[KILTPage(id: "9")], [KILTPage(id: "9"), KILTPage(id: "8", title: "T2")]]) == 0.5)
        #expect(value([[KILTPage(id: "9")]]) == 0 && KILTPage.rPrecision([], provenance: [[KILTPage(id: "9")]]) == 0)
    }

    @Test("the page of a passage is its metadata's wikipedia_id, else its document; pieces of a page count once")
    func pages() {
        let passages = [
            Passage(id: "7#1", title: "A", text: ""), Passage(id: "7#0", title: "A", text: ""),
            Passage(id: "x", title: "", text: "", metadata: ["wikipedia_id": .string("8")]),
            Passage(id: "y", title: "", text: "", metadata: ["wikipedia_id": .number(9)]),
        ]
        #expect(KILTPage.pages(of: passages) == [KILTPage(id: "7", title: "A"), KILTPage(id: "8"), KILTPage(id: "9")])
    }

    @Test("predictions give a value for each question, 0 without an answer")
    func predictions() throws {
        let path = try file(
            """
            {"id":"a","output":[{"answer":"the Oslo","provenance":[]}]}
            {"id":2,"output":[{"answer":"Oslo, Norway"},{"answer":"Oslo"}]}
            """)
        let answers = try PredictedAnswers(path: path)
        let questions = ["a", "2", "3"].map { Question(id: $0, question: "?", answers: ["oslo"]) }
        #expect(AnswerMetric.exactMatch.values(answers, questions) == [1, 0, 0])
        #expect(AnswerMetric.f1.values(answers, questions) == [1, 2.0 / 3, 0])
    }

    @Test(
        "a line that is no prediction is named",
        arguments: [
            (#"{"id":"a","output":[]}"#, ":1: the field \"output\": it holds no answer"),
            (#"{"id":"a","output":[{}]}"#, ":1: the field \"output.[0].answer\" is missing"), ("", "holds no answer"),
            (
                "{\"id\":\"a\",\"output\":[{\"answer\":\"x\"}]}\n{\"id\":\"a\",\"output\":[{\"answer\":\"x\"}]}",
                ":2: question 'a' is answered a second time"
            ),
        ])
    func badPredictions(_ text: String, _ message: String) throws {
        let path = try file(text)
        let error = #expect(throws: ImpRAGError.self) { try PredictedAnswers(path: path) }
        #expect(error?.code == .invalidArgument && error?.message.contains(message) == true, "\(error as Any)")
    }
}
