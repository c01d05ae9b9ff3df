import Foundation
import TestSupport
import Testing

/// `imprag index --store-kv` and a cluster that serves what it has stored.
@Suite(.serialized)
struct StoredStatesTests {
    static let root = SharedData.packageRoot
    static let model = root + "/Models/encyclopedia-tiny"
    static let questions = ["What is the capital of Peru?", "Which river flows through the town?"]

    /// What `imprag ask --json` prints, less times.
    private struct Answer: Decodable, Equatable {
        struct Source: Decodable, Equatable {
            let id: String
            let score: Float
            let attention: Float
        }
        let answer: String
        let sources: [Source]
    }

    private struct Status: Decodable {
        struct Node: Decodable {
            struct States: Decodable {
                let entries: Int
                let hits: Int
                let misses: Int
                let damaged: Int
            }
            let states: States?
        }
        let nodes: [Node]
    }

    private static func corpus(_ directory: TemporaryDirectory) throws -> String {
        let path = directory.file("corpus.jsonl")
        let lines = try String(contentsOfFile: root + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8)
            .split(separator: "\n")
        try (lines.prefix(150) + lines.filter { $0.contains(#""id": "country-pe""#) }).joined(separator: "\n")
            .write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func index(_ corpus: String, _ out: String, _ more: [String] = []) throws -> Imprag.Outcome {
        let outcome = try Imprag.run(
            ["index", "--model", model, "--corpus", corpus, "--out", out, "--partitions", "2"] + more, seconds: 120)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    private func answers(_ cluster: RunningCluster) throws -> [Answer] {
        try Self.questions.map { question in
            let asked = try cluster.run(["ask", question, "--k", "5", "--json"])
            try #require(asked.status == 0, "\(asked.errors)")
            return try JSONDecoder().decode(Answer.self, from: Data(asked.output.utf8))
        }
    }

    private func states(_ cluster: RunningCluster) throws -> [Status.Node.States] {
        let status = try cluster.run(["status", "--json"])
        try #require(status.status == 0, "\(status.errors)")
        return try JSONDecoder().decode(Status.self, from: Data(status.output.utf8)).nodes.compactMap(\.states)
    }

    @Test(
        "a cluster serves the states that were stored with its index, and answers as one that computes them",
        arguments: [["int8"], ["bf16", "--store-kv-half"], ["pq"]])
    func served(_ codec: [String]) throws {
        let directory = try TemporaryDirectory()
        let (corpus, index) = (try Self.corpus(directory), directory.file("index"))
        let indexed: Imprag.Outcome
        switch codec[0] {
        case "int8":
            // First without states, which come later by the same command.
            _ = try Self.index(corpus, index)
            indexed = try Self.index(corpus, index, ["--store-kv"] + codec)
        case "pq":
            for part in 1...2 {
                _ = try Self.index(corpus, index, ["--store-kv", "pq", "--part", "\(part)/2"])
            }
            indexed = try Imprag.run(["merge", "--model", Self.model, "--out", index], seconds: 120)
        default: indexed = try Self.index(corpus, index, ["--store-kv"] + codec)
        }
        #expect(indexed.output.contains("151 of 151 passages have stored states"), "\(indexed.output)")

        let stored = try RunningCluster(model: Self.model, index: index, socket: directory.file("a"))
        let served = try answers(stored)
        let figures = try states(stored)
        #expect(figures.count == 2 && figures.reduce(0) { $0 + $1.entries } == 151)
        #expect(figures.allSatisfy { $0.hits > 0 && $0.misses == 0 && $0.damaged == 0 }, "\(figures)")
        stored.process.kill(SIGINT)
        _ = try stored.process.wait(seconds: 10)

        for number in 0..<2 { try FileManager.default.removeItem(atPath: index + "/partition-000\(number).states") }
        let computing = try RunningCluster(model: Self.model, index: index, socket: directory.file("b"))
        #expect(try states(computing).isEmpty)
        let computed = try answers(computing)
        #expect(computed == served)
        #expect(computed.allSatisfy { !$0.answer.isEmpty && $0.sources.count > 1 })
    }

    @Test("options about states are refused where they mean nothing, with the way that is right")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        let corpus = try Self.corpus(directory)
        let command = ["index", "--model", Self.model, "--corpus", corpus, "--out", directory.file("index")]
        for (more, words) in [
            (["--store-kv", "int4"], "'int8'"), (["--store-kv-half"], "--store-kv"),
            (["--state-budget", "1 GiB"], "--store-kv"),
            (["--store-kv", "int8", "--state-budget", "0"], "1 byte or more"),
        ] {
            let refused = try Imprag.run(command + more)
            #expect(refused.status != 0 && refused.errors.contains(words), "\(more): \(refused.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.file("index") + "/manifest.json"))

        _ = try Self.index(corpus, directory.file("index"))
        let up = ["up", "--model", Self.model, "--index", directory.file("index")]
        for (more, words) in [
            (["--state-half"], "--state-codec"), (["--state-codec", "pq"], "imprag index --store-kv pq"),
        ] {
            let refused = try Imprag.run(up + more)
            #expect(refused.status != 0 && refused.errors.contains(words), "\(more): \(refused.errors)")
        }
    }
}
