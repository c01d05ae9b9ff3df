import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// The metrics beside trec_eval's numbers; `Ranking/make_ranking_golden.py` made these.
@Suite struct RankingMetricTests {
    private struct Golden: Decodable {
        struct Run: Decodable {
            let lines: [String]
            let values: [String: [String: Double]]
        }

        let qrels: [String]
        let runs: [Run]
    }

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func file(_ name: String, _ lines: [String]) throws -> String {
        let path = directory.file(name)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
        return path
    }

    @Test("every metric of three runs with ties is trec_eval's, query by query")
    func golden() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Ranking/ranking_golden.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
        let judgments = try Judgments(path: file("qrels.txt", golden.qrels))
        #expect(golden.runs.count == 3 && judgments.queries.count == 12)
        for (number, made) in golden.runs.enumerated() {
            let run = try RankedRun(path: file("run-\(number).txt", made.lines))
            #expect(made.values.count == 10)
            for (name, expected) in made.values {
                let values = try RankingMetric(name: name).values(run, judgments)
                for (query, value) in zip(judgments.queries, values) {
                    let right = expected[query.text] ?? 0
                    #expect(abs(value - right) < 1e-9, "run \(number), \(name), \(query.text): \(value), not \(right)")
                }
            }
        }
    }

    @Test("scores order a run, ties by the names' bytes; a written run is read back as it was")
    func runRoundTrip() throws {
        var run = RankedRun()
        let scores: [(String, Float)] = [("a", 0.1), ("b", 0.1), ("c", -3.25e-9), ("é", 7)]
        run.set("q", scores.map { RankedRun.Entry(document: ByteString($0.0), score: $0.1) })
        let lines = try run.lines(for: "q", tag: "made")
        #expect(lines.map { $0.split(separator: " ")[2] } == ["é", "b", "a", "c"])
        #expect(lines.first == "q Q0 é 1 7.0 made")
        #expect(try RankedRun(path: file("run.txt", lines)) == run)
        run.set("q", [RankedRun.Entry(document: "two words", score: 1)])
        let error = #expect(throws: ImpRAGError.self) { try run.lines(for: "q", tag: "made") }
        #expect(error?.message.contains("'two words'") == true)
    }

    @Test("passages count as their documents, each with its best score, but for a document that is itself called so")
    func documents() {
        let scores: [(String, Float)] = [("d#1", 5), ("e", 4), ("d#0", 3), ("f#2", 2), ("g#x", 1)]
        let passages = scores.enumerated().map { rank, found in
            ScoredPassage(passage: Passage(id: found.0, title: "", text: ""), score: found.1, rank: rank)
        }
        func documents(_ judged: (ByteString) -> Bool = { _ in false }) -> [String] {
            RankedRun.documents(of: passages, judged: judged).map { "\($0.document) \($0.score)" }
        }
        #expect(documents() == ["d 5.0", "e 4.0", "f 2.0", "g#x 1.0"])
        #expect(documents { $0 == "f#2" } == ["d 5.0", "e 4.0", "f#2 2.0", "g#x 1.0"])
    }

    @Test("BEIR's judgments have a header and tabs; both formats give the same")
    func formats() throws {
        let trec = try Judgments(path: file("a", ["q1 0 d1 2", "q1\t0\td2\t0", "q2 0 d1 1"]))
        let beir = try Judgments(
            path: file("b", ["query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t0", "q2\td1\t1"]))
        #expect(trec == beir && trec.grades["q1"] == ["d1": 2, "d2": 0])
    }

    @Test(
        "a line that is no judgment is named with its file and line",
        arguments: [
            (["q 0 d 1", "q 0 d 2"], ":2: document 'd' is judged a second time"), (["q 0 d x"], ":1: the grade is 'x'"),
            (["q\td\t1", "", "q\te"], ":3: 2 columns; 3 are right"), ([""], "holds no judgment"),
        ])
    func badJudgments(_ lines: [String], _ message: String) throws {
        let path = try file("qrels", lines)
        let error = #expect(throws: ImpRAGError.self) { try Judgments(path: path) }
        #expect(error?.code == .invalidArgument && error?.message.contains(message) == true, "\(error as Any)")
    }

    @Test(
        "a line that is none of a run is named with its file and line",
        arguments: [
            (["q Q0 d 1 0.5"], ":1: 5 columns"), (["q Q0 d 1 nan t"], ":1: the score is 'nan'"),
            (["q Q0 d 1 2 t", "q Q0 d 2 1 t"], ":2: document 'd' is found a second time"), ([""], "holds no run"),
        ])
    func badRuns(_ lines: [String], _ message: String) throws {
        let path = try file("run", lines)
        let error = #expect(throws: ImpRAGError.self) { try RankedRun(path: path) }
        #expect(error?.code == .invalidArgument && error?.message.contains(message) == true, "\(error as Any)")
    }

    @Test("a metric has one name, and what has none is refused with those that exist")
    func names() throws {
        for metric in RankingMetric.reported + [.precision(at: 1)] {
            #expect(try RankingMetric(name: metric.name.uppercased()) == metric)
        }
        for name in ["", "ndcg", "ndcg@0", "ndcg@-1", "map@3", "recall@x", "f1"] {
            let error = #expect(throws: ImpRAGError.self) { try RankingMetric(name: name) }
            #expect(error?.message.contains("ndcg@K, map") == true)
        }
    }
}
