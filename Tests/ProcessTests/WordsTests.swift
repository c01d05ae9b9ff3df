import Foundation
import TestSupport
import Testing

/// Words beside vectors, as users of a running cluster have them.
@Suite(.serialized)
struct WordsTests {
    private static let model = CommandLineTests.model
    private static let question = "What is the capital of Peru?"

    /// What `imprag search --json` says of the lists.
    private struct Ranked: Decodable, Equatable {
        struct Place: Decodable, Equatable {
            let rank: Int
            let score: Float
        }
        struct Passage: Decodable, Equatable {
            let id: String
            let score: Float
            let by_vector: Place?
            let by_words: Place?
        }
        let passages: [Passage]
        var ids: [String] { passages.map(\.id) }

        init(_ outcome: Imprag.Outcome) throws {
            try #require(outcome.status == 0, "\(outcome.errors)")
            self = try JSONDecoder().decode(Ranked.self, from: Data(outcome.output.utf8))
        }
    }

    /// An index of some hundred passages in two partitions.
    private static func makeIndex(
        _ directory: TemporaryDirectory, _ name: String, _ more: [String] = []
    ) throws -> String {
        let corpus = directory.file("corpus.jsonl")
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n")
        try (lines.prefix(200) + lines.filter { $0.contains(#""id": "country-pe""#) }).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file(name)
        let indexed = try Imprag.run(
            ["index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "2"] + more)
        try #require(indexed.status == 0, "\(indexed.errors)")
        return index
    }

    private static func search(
        _ cluster: RunningCluster, _ text: String = question, _ more: [String] = []
    ) throws -> Ranked {
        try Ranked(cluster.run(["search", text, "--json", "--k", "5"] + more))
    }

    @Test("fuse and only find what words say, off stays as it is; updates and filters count for words at once")
    func modes() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.makeIndex(directory, "index")
        let cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
        let off = try Self.search(cluster)
        #expect(off.passages.count == 5 && off.passages.allSatisfy { $0.by_vector == nil && $0.by_words == nil })
        #expect(try Self.search(cluster, Self.question, ["--words", "off"]) == off)

        let only = try Self.search(cluster, Self.question, ["--words", "only"])
        #expect(only.ids.first == "country-pe")
        #expect(only.passages.map { $0.by_words?.rank } == [1, 2, 3, 4, 5])
        #expect(only.passages.allSatisfy { $0.by_vector == nil && $0.by_words?.score == $0.score })

        let fused = try Self.search(cluster, Self.question, ["--words", "fuse"])
        #expect(fused.ids.first == "country-pe")
        #expect(fused.passages.first?.by_vector == Ranked.Place(rank: 1, score: off.passages[0].score))
        #expect(fused.passages.first?.by_words == only.passages.first?.by_words)
        // At its ends, the weight leaves one list.
        #expect(try Self.search(cluster, Self.question, ["--words", "fuse", "--words-weight", "0"]).ids == off.ids)
        #expect(try Self.search(cluster, Self.question, ["--words", "fuse", "--words-weight", "1"]).ids == only.ids)

        // A word that no passage has finds nothing, until one has it.
        #expect(try Self.search(cluster, "Zwolle?", ["--words", "only"]).ids.isEmpty)
        let line = #"{"id":"new","title":"Zwolle","text":"A city on the Ijssel.","metadata":{"lang":"nl"}}"#
        #expect(
            try cluster.run(["upsert", "--file", "-", "--wait", "found"], input: line).output.hasSuffix(
                ": 1 passage new, 0 replaced\n"))
        #expect(try Self.search(cluster, "Zwolle?", ["--words", "only"]).ids == ["new"])
        for mode in ["only", "fuse"] {
            let filtered = try Self.search(
                cluster, "capital city", ["--words", mode, "--filter", #"{"field":"lang","equals":"nl"}"#])
            #expect(filtered.ids == ["new"])
        }
        #expect(try cluster.run(["delete", "new", "--wait", "found"]).output.hasSuffix(": 1 of 1 deleted\n"))
        #expect(try Self.search(cluster, "Zwolle?", ["--words", "only"]).ids.isEmpty)
        #expect(try Self.search(cluster) == off)

        for mode in ["fuse", "only"] {
            let answer = try cluster.run(["ask", Self.question, "--words", mode])
            #expect(answer.output.hasPrefix("Lima\n"), "\(answer.output)\(answer.errors)")
            #expect(answer.output.contains("by words") && answer.output.contains("country-pe"))
        }
        #expect(try !cluster.run(["ask", Self.question]).output.contains("by words"))

        // The same questions over the same index, with and without a cluster.
        let questions = SharedData.packageRoot + "/Examples/encyclopedia/questions.jsonl"
        let eval = ["eval", "--questions", questions, "--limit", "20", "--words", "fuse", "--json"]
        let served = try cluster.run(eval)
        let local = try Imprag.run(eval + ["--model", Self.model, "--index", index])
        #expect(served.status == 0 && served.output == local.output, "\(served.errors)\(local.errors)")
    }

    @Test("an index without words says so when they are asked for, and goes on without")
    func withoutWords() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.makeIndex(directory, "index", ["--lexical", "off"])
        let cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
        for mode in ["fuse", "only"] {
            let refused = try cluster.run(["search", Self.question, "--words", mode])
            #expect(refused.status == 1 && refused.errors.contains("failed_precondition"), "\(refused.errors)")
            #expect(refused.errors.contains("index the corpus again"), "\(refused.errors)")
        }
        #expect(try Self.search(cluster).ids.first == "country-pe")
        let line = #"{"id":"new","text":"Without words."}"#
        #expect(
            try cluster.run(["upsert", "--file", "-", "--wait", "found"], input: line).output.hasSuffix(
                ": 1 passage new, 0 replaced\n"))
        let local = try Imprag.run([
            "eval", "--questions", SharedData.packageRoot + "/Examples/encyclopedia/questions.jsonl", "--limit", "1",
            "--words", "only", "--model", Self.model, "--index", index,
        ])
        #expect(local.status == 1 && local.errors.contains("failed_precondition"), "\(local.errors)")
        let wrong = try Imprag.run([
            "index", "--model", Self.model, "--corpus", "c", "--out", "o", "--lexical", "german",
        ])
        #expect(wrong.status == 2 && wrong.errors.contains("one of 'english', 'plain', 'off'"), "\(wrong.errors)")
    }

    @Test("a weight without fuse, and a mode that there is not, are usage errors")
    func usage() throws {
        for (options, reason) in [
            (["--words-weight", "0.5"], "--words-weight is for --words fuse"),
            (["--words", "fuse", "--words-weight", "1.5"], "from 0.0 to 1.0"),
            (["--words", "both"], "one of 'off', 'fuse', 'only'"),
        ] {
            let outcome = try Imprag.run(["search", "x"] + options)
            #expect(outcome.status == 2 && outcome.errors.contains(reason), "\(outcome.errors)")
        }
    }
}
