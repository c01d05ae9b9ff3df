import Foundation
import TestSupport
import Testing

/// Passage states in a cluster of real processes: whatever becomes of them, answers stay the same.
@Suite(.serialized) struct PassageStateTests {
    private struct Answer: Decodable, Equatable {
        struct Source: Decodable, Equatable {
            let id: String
            let attention: Float
        }
        let tokens: [Int]
        let logprobs: [Float]
        let sources: [Source]
    }

    private struct Status: Decodable {
        struct Node: Decodable {
            struct Tier: Decodable, Equatable {
                var remembered = 0
                var fetched = 0
                var computed = 0
                var damaged = 0
                var failures = 0
                var stored = 0
            }
            struct Generation: Decodable {
                let active: Int
                let waiting: Int
                let tokens: Int
                let limit: Int
            }
            struct Sample: Decodable {
                let name: String
                let labels: [String: String]?
                let value: Double?
            }
            struct States: Decodable {
                let entries: Int
                let damaged: Int
            }
            let name: String
            let state: String
            let passage_tier: Tier?
            let generation: Generation?
            let states: States?
            let waiting_prompts: Int?
            let samples: [Sample]
        }
        let nodes: [Node]
    }

    private static func ask(_ cluster: NodeCluster) throws -> Answer {
        let outcome = try cluster.run(["ask", "What is the capital of Peru?", "--k", "3", "--json"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
    }

    /// The node's entry once it is as it should be, or as it is after some seconds.
    private static func status(
        _ cluster: NodeCluster, _ name: String, until condition: (Status.Node) -> Bool = { $0.state == "ready" }
    ) throws -> Status.Node {
        let end = Date(timeIntervalSinceNow: 10)
        while true {
            let outcome = try cluster.run(["status", "--json"])
            // It exits with 1 while a node starts again, and says the same.
            try #require(!outcome.output.isEmpty, "\(outcome.errors)")
            let status = try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8))
            let node = try #require(status.nodes.first { $0.name == name })
            if condition(node) || Date() > end { return node }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    private static func tier(_ cluster: NodeCluster) throws -> Status.Node.Tier {
        try #require(try status(cluster, "generator").passage_tier)
    }

    /// Asks again, until a time when the generator has found its way back to the shard. Returns where that answer's
    /// three passages came from.
    private static func sources(_ cluster: NodeCluster, _ answer: Answer) throws -> Status.Node.Tier {
        var before = try tier(cluster)
        for _ in 0..<100 {
            #expect(try ask(cluster) == answer)
            let after = try tier(cluster)
            if after.failures == before.failures {
                return .init(
                    remembered: after.remembered - before.remembered, fetched: after.fetched - before.fetched,
                    computed: after.computed - before.computed, damaged: after.damaged - before.damaged)
            }
            before = after
        }
        Issue.record("the generator does not find the shard")
        return before
    }

    /// Stops the shard, lets `body` do something and starts it again.
    private static func restart(_ cluster: NodeCluster, _ body: () throws -> Void = {}) throws {
        try cluster.stop("shard")
        try body()
        try cluster.start("shard")
        #expect(try status(cluster, "shard").state == "ready")
    }

    private static func makeIndex(_ directory: TemporaryDirectory) throws -> String {
        let corpus = directory.file("corpus.jsonl")
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n")
        try (lines.prefix(50) + lines.filter { $0.contains(#""id": "country-pe""#) }).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file("index")
        let indexed = try Imprag.run([
            "index", "--model", CommandLineTests.model, "--corpus", corpus, "--out", index, "--partitions", "1",
        ])
        try #require(indexed.status == 0, "\(indexed.errors)")
        return index
    }

    @Test(
        "an answer is the same whether its passages' states are computed, remembered, in the shard, there after a restart, damaged or not kept at all; status counts each"
    )
    func life() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.makeIndex(directory)
        let cluster = try NodeCluster(
            model: CommandLineTests.model, index: index, shard: #""state_budget": "64 MiB","#,
            generator: #""passage_memory": 0, "answer_memory": "32 MiB","#)
        let answer = try Self.ask(cluster)
        #expect(answer.sources.count == 3 && !answer.tokens.isEmpty)
        let first = try Self.status(cluster, "generator") { $0.passage_tier?.stored == 3 }
        #expect(first.passage_tier == .init(computed: 3, stored: 3))
        let generation = try #require(first.generation)
        #expect((generation.active, generation.waiting, generation.limit) == (0, 0, 32 << 20))
        #expect(generation.tokens >= answer.tokens.count)
        let planned = first.samples.filter { $0.name == "imprag_planned_bytes" }
        let answers = planned.first { $0.labels?["part"] == "passages and caches of answers" }
        #expect(answers?.value == Double(32 << 20))
        #expect(try Self.status(cluster, "coordinator").waiting_prompts == 0)

        #expect(try Self.sources(cluster, answer) == .init(fetched: 3))

        try Self.restart(cluster)
        #expect(try Self.sources(cluster, answer) == .init(fetched: 3))

        try Self.restart(cluster) { try Self.damage("\(index)/partition-0000.states") }
        #expect(try Self.sources(cluster, answer) == .init(fetched: 2, computed: 1))
        let shard = try Self.status(cluster, "shard") { $0.states?.entries == 3 }
        #expect(shard.states?.entries == 3 && shard.states?.damaged == 1, "\(shard)")
        #expect(try Self.sources(cluster, answer) == .init(fetched: 3))

        let table = try cluster.run(["status"])
        for word in ["answers", "passages read", "stored states", "waiting", "32.0 MiB"] {
            #expect(table.output.contains(word), "\(table.output)")
        }

        // No budget anywhere: each answer computes them again.
        try cluster.configure(shard: #""state_budget": 0,"#, generator: #""passage_memory": 0,"#)
        try Self.restart(cluster)
        for _ in 0..<2 { #expect(try Self.sources(cluster, answer) == .init(computed: 3)) }

        // Memory of its own: the second answer asks nobody.
        try cluster.configure(shard: #""state_budget": 0,"#, generator: "")
        try cluster.stop("generator")
        try cluster.start("generator")
        #expect(try Self.status(cluster, "generator").state == "ready")
        _ = try Self.sources(cluster, answer)
        #expect(try Self.sources(cluster, answer) == .init(remembered: 3))
    }

    @Test("while the shard that has the states stands still, answers come all the same, and the failure is counted")
    func stoppedShard() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.makeIndex(directory)
        let copy = directory.file("copy")
        try FileManager.default.copyItem(atPath: index, toPath: copy)
        let (shard, generator) = (#""state_budget": "64 MiB","#, #""passage_memory": 0,"#)
        let cluster = try NodeCluster(
            model: CommandLineTests.model, index: index, shard: shard, generator: generator)
        let answer = try Self.ask(cluster)
        // Searches must go on: the generator goes to another process for states than the coordinator for passages.
        try cluster.configure(shard: shard, generator: generator, index: copy, socket: "t")
        try cluster.start("shard", as: "twin")
        try cluster.stop("generator")
        try cluster.start("generator")
        #expect(try Self.sources(cluster, answer) == .init(computed: 3))
        let filled = try Self.status(cluster, "generator") { ($0.passage_tier?.stored ?? 0) >= 3 }
        #expect((filled.passage_tier?.stored ?? 0) >= 3, "\(filled)")
        #expect(try Self.sources(cluster, answer) == .init(fetched: 3))
        cluster.signal("twin", SIGSTOP)
        let before = try Self.tier(cluster)
        #expect(try Self.ask(cluster) == answer)
        let after = try Self.tier(cluster)
        #expect(after.failures == before.failures + 3 && after.computed == before.computed + 3, "\(after)")
        cluster.signal("twin", SIGCONT)
        #expect(try Self.sources(cluster, answer) == .init(fetched: 3))
    }

    /// Changes one byte of one state.
    private static func damage(_ path: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".blob") }
        let file = try #require(files.first)
        var bytes = try Data(contentsOf: URL(filePath: "\(path)/\(file)"))
        // Behind its header: the codec's numbers.
        let state = try #require(bytes.range(of: Data("IPST".utf8)))
        bytes[state.lowerBound + 500] ^= 1
        try bytes.write(to: URL(filePath: "\(path)/\(file)"))
    }
}
