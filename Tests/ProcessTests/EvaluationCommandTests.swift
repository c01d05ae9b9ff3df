import Foundation
import TestSupport
import Testing

/// `imprag eval` on BEIR's and KILT's formats, and `imprag compare` on what it writes.
struct EvaluationCommandTests {
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"
    private static let examples = SharedData.packageRoot + "/Examples/encyclopedia"

    private struct Row: Decodable {
        let id: String
        let title: String?
        let text: String?
        let question: String?
        let answers: [String]?
        let passage: String?
    }

    private let directory: TemporaryDirectory
    /// Questions about passages that are in the index.
    private let questions: [Row]

    init() throws {
        directory = try TemporaryDirectory()
        func rows(_ name: String) throws -> [Row] {
            try Data(contentsOf: URL(filePath: "\(Self.examples)/\(name)")).split(separator: 0x0A)
                .map { try JSONDecoder().decode(Row.self, from: Data($0)) }
        }
        questions = Array(try rows("questions.jsonl").prefix(8))
        let wanted = Set(questions.compactMap(\.passage))
        let passages = try rows("passages.jsonl").enumerated().filter {
            $0.offset % 40 == 0 || wanted.contains($0.element.id)
        }.map(\.element)
        try FileManager.default.createDirectory(atPath: directory.file("qrels"), withIntermediateDirectories: true)
        try write("corpus.jsonl", passages.map { ["_id": $0.id, "title": $0.title ?? "", "text": $0.text ?? ""] })
        try write("queries.jsonl", questions.map { ["_id": $0.id, "text": $0.question ?? ""] })
        let judged = questions.map { "\($0.id)\t\($0.passage ?? "")\t1\n" }
        try ("query-id\tcorpus-id\tscore\n" + judged.joined()).write(
            toFile: directory.file("qrels/test.tsv"), atomically: true, encoding: .utf8)
        try write(
            "kilt.jsonl",
            questions.map { question in
                let provenance = [["wikipedia_id": question.passage ?? ""]]
                let output = (question.answers ?? []).map { ["answer": $0, "provenance": provenance] as [String: Any] }
                return ["id": question.id, "input": question.question ?? "", "output": output]
            })
        let indexed = try Imprag.run(
            [
                "index", "--model", Self.model, "--corpus", directory.file("corpus.jsonl"), "--out",
                directory.file("index"),
            ], seconds: 120)
        try #require(indexed.status == 0, "\(indexed.errors)")
    }

    private func write(_ name: String, _ rows: [[String: Any]]) throws {
        let lines = try rows.map { try JSONSerialization.data(withJSONObject: $0) }
        try Data(lines.joined(separator: [0x0A])).write(to: URL(filePath: directory.file(name)))
    }

    private func imprag(_ arguments: [String]) throws -> [String: Any] {
        let outcome = try Imprag.run(arguments + ["--json"], seconds: 120)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(object as? [String: Any])
    }

    private func evaluate(_ arguments: [String]) throws -> [String: Any] {
        try imprag(["eval", "--model", Self.model, "--index", directory.file("index")] + arguments)
    }

    @Test("a BEIR directory is indexed and searched, and its run has for compare the figures that eval printed")
    func beir() throws {
        let run = directory.file("vectors.run")
        let figures = try evaluate(["--beir", directory.file("."), "--trec-run", run])
        #expect(figures["questions"] as? Int == questions.count && figures["failed"] as? Int == 0)
        let words = try evaluate(
            ["--beir", directory.file("."), "--words", "only", "--trec-run", directory.file("words.run")])
        for metric in ["ndcg@10", "map", "mrr", "rprec", "recall@10", "recall@100"] {
            let compared = try imprag(
                [
                    "compare", run, directory.file("words.run"), "--qrels", directory.file("qrels/test.tsv"),
                    "--metric", metric,
                ])
            #expect(compared["a"] as? Double == figures[metric] as? Double, "\(metric)")
            #expect(compared["b"] as? Double == words[metric] as? Double, "\(metric)")
        }
        #expect(try #require(figures["recall@100"] as? Double) > 0)
        let intervals = try #require(figures["intervals"] as? [String: [Double]])
        #expect(intervals.count == 6 && intervals.values.allSatisfy { $0.count == 2 && $0[0] <= $0[1] })
    }

    @Test("KILT's questions are answered, their pages found, and the predictions compared")
    func kilt() throws {
        let (questionFile, predictions) = (directory.file("kilt.jsonl"), directory.file("answers.jsonl"))
        let figures = try evaluate(
            ["--kilt", questionFile, "--task", "nq", "--max-tokens", "8", "--predictions", predictions])
        let rPrecision = try #require(figures["rprec"] as? Double)
        let recall = try #require(figures["recall@1"] as? Double)
        #expect(rPrecision > 0 && rPrecision <= recall)
        let plain = try evaluate(
            [
                "--questions", Self.examples + "/questions.jsonl", "--limit", "8", "--max-tokens", "8", "--predictions",
                directory.file("same.jsonl"), "--trec-run", directory.file("run"),
            ])
        for metric in ["exact_match", "f1", "recall@10"] {
            #expect(figures[metric] as? Double == plain[metric] as? Double, "\(metric)")
        }
        #expect(plain["rprec"] == nil)
        let compared = try imprag(["compare", predictions, directory.file("same.jsonl"), "--questions", questionFile])
        #expect(compared["a"] as? Double == figures["exact_match"] as? Double && compared["ties"] as? Int == 8)
        let run = try String(contentsOfFile: directory.file("run"), encoding: .utf8).split(separator: "\n")
        #expect(run.count == 80 && run[0].hasPrefix("\(questions[0].id) Q0 "))
    }
}
