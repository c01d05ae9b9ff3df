import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct BEIRQueriesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("qrels"), withIntermediateDirectories: true)
        try write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq2\td1\t1\nq1\td1\t0\n")
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: directory.file(name), atomically: true, encoding: .utf8)
    }

    private func read(limit: Int = .max) throws -> BEIRQueries {
        try BEIRQueries(directory: directory.file("."), split: "test", limit: limit)
    }

    @Test("the judged queries of a split are read, those of other splits are passed over")
    func reading() throws {
        try write(
            "queries.jsonl",
            """
            {"_id":"q3","text":""}
            {"_id":"q1","text":"one","metadata":{}}

            {"_id":"q2","text":"two"}
            """)
        let all = try read()
        #expect(all.queries.map(\.id) == ["q1", "q2"] && all.queries.map(\.text) == ["one", "two"])
        #expect(all.queries[1].place.hasSuffix("queries.jsonl:4"))
        let first = try read(limit: 1)
        #expect(first.queries.map(\.id) == ["q1"] && first.judgments.queries == ["q1"])
    }

    @Test(
        "a judged query without a text, without a line or with two is named",
        arguments: [
            (#"{"_id":"q1","text":"one"}"#, "lacks 1 of the judged queries of the split 'test', as 'q2'"),
            (#"{"_id":"q1","text":""}"#, ":1: the field \"text\": the query is empty"),
            (
                "{\"_id\":\"q1\",\"text\":\"a\"}\n{\"_id\":\"q1\",\"text\":\"b\"}",
                ":2: query 'q1' stands there a second time"
            ),
        ])
    func faults(_ queries: String, _ message: String) throws {
        try write("queries.jsonl", queries)
        let error = #expect(throws: ImpRAGError.self) { try read() }
        #expect(error?.code == .invalidArgument && error?.message.contains(message) == true, "\(error as Any)")
    }
}
