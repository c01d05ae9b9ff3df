import Foundation
import TestSupport
import Testing

/// Two replicas of every partition, two coordinators and two generators, as real processes: one of each may go.
@Suite(.serialized)
struct ReplicaTests {
    private let directory: TemporaryDirectory
    private let cluster: NodeCluster

    init() throws {
        directory = try TemporaryDirectory()
        let data = directory
        let shards = ["first", "second"].map {
            NodeCluster.Node(
                name: $0, role: "shard", fields: ", \"partitions\": [0, 1], \"data\": \"\(data.file("data-" + $0))\"")
        }
        cluster = try NodeCluster(
            model: LiveUpdateTests.model, index: LiveUpdateTests.makeIndex(directory), partitions: 2,
            shards + [
                NodeCluster.Node(name: "writer", role: "generator"),
                NodeCluster.Node(name: "other-writer", role: "generator"),
                NodeCluster.Node(name: "left", role: "coordinator"),
                NodeCluster.Node(name: "right", role: "coordinator"),
            ])
    }

    private func line(_ number: Int) -> String {
        #"{"id":"new-\#(number)","title":"Peru","text":"Lima is the capital of Peru, number \#(number)."}"#
    }

    private func upsert(_ number: Int, at node: String, wait: String = "durable") throws -> Imprag.Outcome {
        try cluster.run(["upsert", "--file", "-", "--wait", wait], input: line(number), at: [node])
    }

    private func found(_ more: [String] = [], at nodes: [String]) throws -> [String] {
        let outcome = try cluster.run(["search", LiveUpdateTests.question, "--k", "40", "--json"] + more, at: nodes)
        let found = try Found(outcome)
        #expect(found.complete)
        return found.ids
    }

    private struct Status: Decodable {
        struct Node: Decodable {
            let name: String
            let state: String
            let passages: Int
            let epoch: Int?
        }
        let nodes: [Node]
    }

    private func status(at node: String) throws -> [String: Status.Node] {
        let outcome = try cluster.run(["status", "--json"], at: [node])
        let status = try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8))
        return Dictionary(uniqueKeysWithValues: status.nodes.map { ($0.name, $0) })
    }

    /// The passages of the cluster that a coordinator reports, once they are `wanted`; it polls the shards every
    /// second.
    private func passages(at node: String, until wanted: Int) throws -> Int? {
        let end = Date(timeIntervalSinceNow: 10)
        while true {
            let count = try status(at: node)[node]?.passages
            if count == wanted || Date() > end { return count }
        }
    }

    @Test("what one coordinator took, the other finds; a shard may be killed, lose its disk and come back unnoticed")
    func shards() throws {
        let count = try #require(try status(at: "left")["first"]?.passages)
        #expect(try upsert(0, at: "left").output.contains("durable at epoch 1"))
        #expect(try found(["--min-epoch", "1"], at: ["right"]).contains("new-0"))
        // Two replicas of each passage, and each counts once.
        for node in ["left", "right"] { #expect(try passages(at: node, until: count + 1) == count + 1) }

        var updates = 0
        for number in 0..<100 {
            if number == 10 { try cluster.kill("first") }
            let node = number % 2 == 0 ? "left" : "right"
            #expect(try !found(at: [node]).isEmpty, "search \(number)")
            guard number % 5 == 0 else { continue }
            updates += 1
            let outcome = try upsert(updates, at: node, wait: number % 2 == 0 ? "durable" : "found")
            #expect(outcome.status == 0, "update \(updates): \(outcome.errors)")
        }
        #expect(updates == 20)

        try FileManager.default.removeItem(atPath: directory.file("data-first"))
        try cluster.start("first")
        #expect(cluster.log(of: "first").contains("fetched from its checkpoint at epoch 0"))
        var nodes = try status(at: "right")
        let end = Date(timeIntervalSinceNow: 20)
        while nodes["first"]?.state != "ready", Date() < end { nodes = try status(at: "right") }
        for name in ["first", "second"] {
            #expect(nodes[name]?.epoch == 21 && nodes[name]?.passages == count + 21, "\(name)")
        }
        // Now it serves alone what it missed.
        try cluster.kill("second")
        for node in ["left", "right"] {
            #expect(try found(["--min-epoch", "21"], at: [node]).contains("new-20"))
        }
    }

    @Test("every node is restarted in turn with SIGTERM, and no request fails")
    func rollingRestart() throws {
        let both = ["left", "right"].map(cluster.endpoint(of:)).joined(separator: ",")
        let (failures, end) = (directory.file("failures"), directory.file("end"))
        let question = LiveUpdateTests.question
        // Each client asks until the end; what fails leaves its words.
        let clients = try ["ask '\(question)' --max-tokens 8", "search '\(question)'", "delete nobody --wait found"].map
        {
            try RunningProcess(
                "/bin/sh",
                [
                    "-c",
                    """
                    while [ ! -e \(end) ]; do
                      \(Imprag.path) \($0) --endpoint \(both) > \(failures).out 2>> \(failures) && echo done
                    done
                    """,
                ])
        }
        for node in ["first", "second", "writer", "other-writer", "left", "right"] {
            cluster.signal(node, SIGTERM)
            let outcome = try cluster.wait(for: node)
            #expect(outcome.status == 0, "\(node): \(outcome.errors)")
            try cluster.start(node)
            // Both coordinators have to know before the next one goes.
            for coordinator in ["left", "right"] {
                let patience = Date(timeIntervalSinceNow: 20)
                while try status(at: coordinator).contains(where: { $0.value.state != "ready" }), Date() < patience {}
            }
        }
        try Data().write(to: URL(filePath: end))
        for client in clients {
            let outcome = try client.wait(seconds: 60)
            #expect(outcome.output.split(separator: "\n").count > 10, "\(outcome.errors)")
        }
        #expect(try String(contentsOfFile: failures, encoding: .utf8) == "")
    }

    @Test("a client that knows both coordinators goes on when one is killed")
    func coordinators() throws {
        let file = directory.file("many.jsonl")
        let count = 700
        let before = try #require(try status(at: "left")["first"]?.passages)
        try (1...count).map(line).joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let both = ["left", "right"].map(cluster.endpoint(of:)).joined(separator: ",")
        let client = try RunningProcess(Imprag.path, ["upsert", "--file", file, "--json", "--endpoint", both])
        #expect(client.waits(seconds: 30) { $0.standardError.contains("passages/s") }, "\(client.standardError)")
        try cluster.kill("left")
        let outcome = try client.wait(seconds: 60)
        #expect(
            outcome.status == 0 && outcome.output.contains("\"passages\":\(count)"),
            "\(outcome.output) \(outcome.errors)")
        for _ in 0..<5 {
            #expect(try found(at: ["left", "right"]).isEmpty == false)
            let answer = try cluster.run(
                ["ask", LiveUpdateTests.question, "--max-tokens", "4"], at: ["left", "right"])
            #expect(answer.status == 0, "\(answer.errors)")
        }
        #expect(try passages(at: "right", until: before + count) == before + count)
        #expect(try status(at: "right")["left"]?.state == "unreachable")
        try cluster.start("left")
        #expect(try status(at: "left")["right"]?.state == "ready")
        #expect(try !found(at: ["left"]).isEmpty)
    }
}
