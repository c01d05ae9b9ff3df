import Foundation
import TestSupport
import Testing

/// Two generators as real processes, one of which goes in the middle of answers.
struct MovedAnswerTests {
    private struct Answer: Decodable, Equatable {
        struct Source: Decodable, Equatable {
            let id: String
            let attention: Float
        }
        let answer: String
        let tokens: [Int]
        let logprobs: [Float]
        let finish: String
        let sources: [Source]
    }

    private struct Status: Decodable {
        struct Sample: Decodable {
            let name: String
            let value: Double?
        }
        struct Node: Decodable {
            let name: String
            let state: String
            let samples: [Sample]?
        }
        let nodes: [Node]
    }

    private func status(of cluster: NodeCluster) throws -> Status {
        let outcome = try cluster.run(["status", "--json"])
        return try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8))
    }

    @Test(
        "sampled answers whose generator is killed or stopped go on at another one: same tokens, text, log-probabilities and attention",
        .timeLimit(.minutes(3)))
    func generators() throws {
        let directory = try TemporaryDirectory()
        let cluster = try NodeCluster(
            model: LiveUpdateTests.model, index: LiveUpdateTests.makeIndex(directory), partitions: 2,
            [
                NodeCluster.Node(name: "shard", role: "shard", fields: ", \"partitions\": [0, 1]"),
                NodeCluster.Node(name: "writer", role: "generator"),
                NodeCluster.Node(name: "other-writer", role: "generator"),
                NodeCluster.Node(name: "front", role: "coordinator"),
            ])
        // Random enough not to end by itself: making tokens is most of a request's time.
        let ask = [
            "ask", LiveUpdateTests.question, "--k", "2", "--max-tokens", "300", "--temperature", "5", "--seed", "3",
            "--json",
        ]
        let right = try JSONDecoder().decode(Answer.self, from: Data(cluster.run(ask).output.utf8))
        #expect(right.tokens.count > 100)
        let file = directory.file("answers")
        let line = (ask + ["--endpoint", cluster.endpoint]).map { "'\($0)'" }.joined(separator: " ")
        // Each client asks until the end, one answer after the other.
        let clients = try (0..<3).map { number in
            try RunningProcess(
                "/bin/sh",
                ["-c", "while [ ! -e \(file)-end ]; do \(Imprag.path) \(line) >> \(file)-\(number) || exit 1; done"])
        }
        for round in 0..<6 {
            let node = ["writer", "other-writer"][round % 2]
            Thread.sleep(forTimeInterval: 0.3)
            if round % 3 == 2 {
                // Does not finish what it has, but hands it back.
                cluster.signal(node, SIGINT)
                _ = try cluster.wait(for: node)
            } else {
                try cluster.kill(node)
            }
            try cluster.start(node)
            let patience = Date(timeIntervalSinceNow: 20)
            while try status(of: cluster).nodes.contains(where: { $0.state != "ready" }), Date() < patience {}
        }
        func answers(_ client: Int) throws -> [Substring] {
            try String(contentsOfFile: "\(file)-\(client)", encoding: .utf8).split(separator: "\n")
        }
        // A slow machine has made one or two each by now.
        let patience = Date(timeIntervalSinceNow: 60)
        while try clients.indices.contains(where: { try answers($0).count < 3 }), Date() < patience {
            Thread.sleep(forTimeInterval: 0.05)
        }
        try Data().write(to: URL(filePath: file + "-end"))
        for (number, client) in clients.enumerated() {
            let outcome = try client.wait(seconds: 60)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try answers(number).count > 2)
            for answer in try answers(number) {
                #expect(try JSONDecoder().decode(Answer.self, from: Data(answer.utf8)) == right)
            }
        }
        let samples = try status(of: cluster).nodes.first { $0.name == "front" }?.samples ?? []
        let moved = samples.first { $0.name == "imprag_moved_answers_total" }?.value ?? 0
        #expect(moved > 0, "no answer was moved, and the test shows nothing")
    }
}
