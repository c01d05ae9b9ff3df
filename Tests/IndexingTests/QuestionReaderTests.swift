import Core
import Foundation
import TestSupport
import Testing

@testable import Indexing

@Suite struct QuestionReaderTests {
    private func read(_ text: String) throws -> [Question] {
        let directory = try TemporaryDirectory()
        let path = directory.file("q.jsonl")
        try Data(text.utf8).write(to: URL(filePath: path))
        return try QuestionReader.readAll(path: path)
    }

    @Test("both layouts are read, also mixed")
    func layouts() throws {
        let questions = try read(
            """
            {"id":"a","question":"who?","answers":["x","y"],"passage_id":"p"}

            {"id":7,"input":"what?","output":[{"answer":"z","provenance":[]},{"provenance":[]},{"answer":"z"}]}
            """)
        #expect(
            questions == [
                Question(id: "a", question: "who?", answers: ["x", "y"]),
                Question(id: "7", question: "what?", answers: ["z"]),
            ])
    }

    @Test(
        "a bad line is named with file, line and field",
        arguments: [
            ("{\"id\":\"a\",\"answers\":[\"x\"]}", "the field \"question\" is missing"),
            ("{\"id\":\"a\",\"question\":\"?\"}", "the field \"answers\" is missing"),
            ("{\"id\":\"a\",\"question\":\"?\",\"answers\":\"x\"}", "the field \"answers\" must be a list"),
            ("{\"id\":\"a\",\"question\":\"?\",\"answers\":[1]}", "the field \"answers.[0]\" must be a string"),
            ("{\"id\":\"a\",\"question\":\"?\",\"answers\":[]}", "no answer"),
            ("{\"id\":\"a\",\"question\":\"\",\"answers\":[\"x\"]}", "the question is empty"),
            ("{\"id\":\"a\",\"input\":\"?\",\"output\":[{}]}", "no answer"),
            ("{\"question\":\"?\",\"answers\":[\"x\"]}", "the field \"id\" is missing"), ("x", "not valid JSON"),
        ])
    func badLines(line: String, expected: String) {
        let error = #expect(throws: ImpRAGError.self) {
            try read("{\"id\":\"a\",\"question\":\"?\",\"answers\":[\"x\"]}\n" + line)
        }
        #expect(error?.code == .invalidArgument)
        #expect(
            error?.message.contains("q.jsonl:2: ") == true && error?.message.contains(expected) == true,
            "\(error as Any)")
    }

    @Test("samples are read without ids and answers, take both where they are, and a bad line is named")
    func texts() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("q.jsonl")
        let lines = [
            #"{"question":"who?"}"#, "", #"{"input":"what?","id":3,"output":[{"answer":"z"},{"answer":"z"}]}"#,
            #"{"question":"where?","passage":7,"answers":["x","y"]}"#,
            #"{"question":"when?","passage":["no id"],"answers":"no list"}"#,
            #"{"question":"why?","passage_id":"a","passage_ids":["b",3]}"#,
        ]
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        #expect(
            try QuestionReader.readSamples(path: path) == [
                SampleQuestion(prompt: "Q: who? A:", words: "who?"),
                SampleQuestion(prompt: "Q: what? A:", words: "what?", answers: ["z"]),
                SampleQuestion(prompt: "Q: where? A:", words: "where?", passages: ["7"], answers: ["x", "y"]),
                SampleQuestion(prompt: "Q: when? A:", words: "when?"),
                SampleQuestion(prompt: "Q: why? A:", words: "why?", passages: ["a", "b", "3"]),
            ])
        #expect(
            try QuestionReader.readSamples(path: path) { $0 }.map(\.prompt) == [
                "who?", "what?", "where?", "when?", "why?",
            ])
        for (line, expected) in [("{}", "\"question\" is missing"), ("{\"question\":\"\"}", "is empty"), ("x", "JSON")]
        {
            try Data("{\"question\":\"who?\"}\n\(line)\n".utf8).write(to: URL(filePath: path))
            let error = #expect(throws: ImpRAGError.self) { try QuestionReader.readSamples(path: path) }
            #expect(error?.message.contains("q.jsonl:2: ") == true && error?.message.contains(expected) == true)
        }
    }

    @Test("a file without a question is refused")
    func empty() {
        #expect(throws: ImpRAGError.self) { try read("\n") }
    }

    @Test(
        "the reference question files are read to the end",
        .enabled(if: SharedData.path("data") != nil, "needs ../shared/data"),
        arguments: ["nq/qa.dev-sample.jsonl", "triviaqa/qa.dev.jsonl.gz", "webquestions", "squad/qa.dev.jsonl"])
    func reference(name: String) throws {
        let path = try #require(SharedData.path("data/" + name))
        guard !path.hasSuffix("webquestions") else {
            for file in try FileManager.default.contentsOfDirectory(atPath: path) where file.contains("qa.") {
                #expect(try QuestionReader.readAll(path: path + "/" + file).count > 10)
            }
            return
        }
        #expect(try QuestionReader.readAll(path: path).count > 10)
    }
}
