import Foundation
import TestSupport
import Testing

/// A whole local cluster of real processes over the shipped model and a part of the encyclopedia.
@Suite(.serialized)
struct LocalClusterTests {
    static let root = SharedData.packageRoot
    static let model = root + "/Models/encyclopedia-tiny"

    /// A cluster over 400 passages and the one on Peru.
    private static func cluster(_ directory: TemporaryDirectory) throws -> RunningCluster {
        let corpus = directory.file("corpus.jsonl")
        let lines = try String(contentsOfFile: root + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8)
            .split(separator: "\n")
        try (lines.prefix(400) + lines.filter { $0.contains(#""id": "country-pe""#) }).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file("index")
        let indexed = try Imprag.run(
            ["index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "2"], seconds: 120)
        try #require(indexed.status == 0, "\(indexed.errors)")
        return try RunningCluster(model: model, index: index, socket: directory.file("c"))
    }

    private struct Answer: Decodable {
        struct Source: Decodable {
            let id: String
            let score: Float
            let attention: Float
        }
        let answer: String
        let complete: Bool
        let sources: [Source]
    }

    @Test("one cluster answers, searches, reports, survives bad bytes and a stopped shard, and ends on Ctrl-C")
    func life() throws {
        let directory = try TemporaryDirectory()
        let cluster = try Self.cluster(directory)
        try answers(cluster)
        try searchesAndReports(cluster, directory)
        try pythonClient(cluster)
        try survivesGarbage(cluster)
        try namesStoppedShard(cluster)
        try stops(cluster)
    }

    private func answers(_ cluster: RunningCluster) throws {
        let asked = try cluster.run(["ask", "What is the capital of Peru?", "--json"])
        #expect(asked.status == 0, "\(asked.errors)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(asked.output.utf8))
        #expect(answer.complete)
        #expect(!answer.sources.isEmpty)
        #expect(answer.sources.map(\.score) == answer.sources.map(\.score).sorted(by: >))
        #expect(answer.sources.reduce(0) { $0 + $1.attention } <= 1.001)

        let plain = try cluster.run(["ask", "What is the capital of Peru?"])
        #expect(plain.status == 0, "\(plain.errors)")
        #expect(plain.output.contains(answer.answer.trimmingCharacters(in: .whitespaces)))
        for source in answer.sources { #expect(plain.output.contains(source.id)) }

        let refused = try cluster.run(["ask", "x", "--k", "100000"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("invalid_argument"), "\(refused.errors)")
    }

    private func searchesAndReports(_ cluster: RunningCluster, _ directory: TemporaryDirectory) throws {
        let found = try cluster.run(["search", "What is the capital of Peru?", "--k", "3", "--json"])
        #expect(found.status == 0, "\(found.errors)")
        let status = try cluster.run(["status"])
        #expect(status.status == 0, "\(status.errors)")
        for node in ["shard-0", "shard-1", "coordinator", "generator"] { #expect(status.output.contains(node)) }
        #expect(status.output.split(separator: "\n").filter { $0.contains(" ready ") }.count == 4, "\(status.output)")

        let questions = directory.file("questions.jsonl")
        try #"{"id":1,"question":"What is the capital of Peru?","answers":["Lima"]}"#
            .write(toFile: questions, atomically: true, encoding: .utf8)
        let evaluated = try cluster.run(["eval", "--questions", questions])
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        #expect(
            evaluated.output.contains("exact match") && evaluated.output.contains("recall@10"), "\(evaluated.output)")
    }

    private func pythonClient(_ cluster: RunningCluster) throws {
        let probe = try RunningProcess("/usr/bin/python3", ["-c", "import zmq, google.protobuf"])
        guard try probe.wait(seconds: 20).status == 0 else {
            return print("skipped: the Python client's part needs python3-zmq and python3-protobuf")
        }
        let client = try RunningProcess(
            "/usr/bin/python3",
            [Self.root + "/Examples/python/ask.py", cluster.endpoint, "Q: What is the capital of Peru? A:"])
        let outcome = try client.wait(seconds: 30)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.output.isEmpty)
    }

    /// Every socket of the cluster takes random frames and goes on serving.
    private func survivesGarbage(_ cluster: RunningCluster) throws {
        let script = """
            import os, random, sys, zmq
            random.seed(1)
            context = zmq.Context()
            for endpoint in sys.argv[1:]:
                socket = context.socket(zmq.DEALER)
                socket.setsockopt(zmq.LINGER, 500)
                socket.connect(endpoint)
                for _ in range(300):
                    frames = [random.randbytes(random.choice([0, 1, 7, 64, 4096])) for _ in range(random.randint(1, 4))]
                    socket.send_multipart(frames)
                socket.close()
            context.term()
            """
        let probe = try RunningProcess("/usr/bin/python3", ["-c", "import zmq"])
        guard try probe.wait(seconds: 20).status == 0 else { return print("skipped: random bytes need python3-zmq") }
        let sockets = try endpoints(cluster)
        #expect(sockets.count >= 1)
        let attack = try RunningProcess("/usr/bin/python3", ["-c", script] + sockets)
        #expect(try attack.wait(seconds: 30).status == 0, "\(attack.standardError)")
        let asked = try cluster.run(["ask", "What is the capital of Peru?"])
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(cluster.process.isRunning)
    }

    /// The sockets that the cluster's processes listen on.
    private func endpoints(_ cluster: RunningCluster) throws -> [String] {
        let identifiers = Set(try cluster.children("imprag").map(String.init) + [String(cluster.process.identifier)])
        let list = try RunningProcess("/bin/sh", ["-c", "cat /proc/net/unix"])
        let paths = try list.wait(seconds: 10).output.split(separator: "\n").compactMap {
            $0.split(separator: " ").last
        }
        .map(String.init).filter { $0.hasPrefix("/") && ($0.contains("imprag")) }
        #expect(!identifiers.isEmpty)
        return Set(paths).map { "ipc://" + $0 }.sorted()
    }

    private func namesStoppedShard(_ cluster: RunningCluster) throws {
        let shard = try #require(try cluster.children("shard-1").first)
        kill(shard, SIGSTOP)
        defer { kill(shard, SIGCONT) }
        let start = Date()
        let failed = try cluster.run(["ask", "What is the capital of Peru?", "--deadline", "2000"])
        #expect(Date().timeIntervalSince(start) < 10)
        #expect(failed.status == 1)
        #expect(failed.errors.contains("shard-1"), "\(failed.errors)")

        let partial = try cluster.run([
            "ask", "What is the capital of Peru?", "--deadline", "4000", "--partial", "--json",
        ])
        #expect(partial.status == 0, "\(partial.errors)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(partial.output.utf8))
        #expect(!answer.complete)

        let status = try cluster.run(["status"])
        #expect(status.output.split(separator: "\n").contains { $0.contains("shard-1") && $0.contains("unreachable") })
    }

    private func stops(_ cluster: RunningCluster) throws {
        let children = try cluster.children("imprag")
        #expect(children.count == 4)
        cluster.process.kill(SIGINT)
        let outcome = try cluster.process.wait(seconds: 10)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for child in children { #expect(kill(child, 0) != 0, "process \(child) is still there") }
        let late = try cluster.run(["ask", "x", "--deadline", "500"], seconds: 20)
        #expect(late.status == 1)
    }
}
