import Foundation
import TestSupport
import Testing

/// A cluster whose nodes talk over tcp with keys, as on several machines, and clients with keys and without.
@Suite(.serialized)
struct KeyTests {
    private let directory: TemporaryDirectory
    private let endpoint: String
    private let nodes: [RunningProcess]

    init() throws {
        directory = try TemporaryDirectory()
        let ports = try freePorts(3)
        endpoint = "tcp://127.0.0.1:\(ports[0])"
        for (name, role) in [("node", "node"), ("alice", "write"), ("bob", "read")] {
            try Self.create(name, role, in: directory)
        }
        let text = """
            { "partitions": 2, "model": "\(LiveUpdateTests.model)", "index": "\(try LiveUpdateTests.makeIndex(directory))",
              "keys": "keys.json", "key": "node.key", "nodes": [
                { "name": "c", "role": "coordinator", "listen": "\(endpoint)", "audit_log": "audit.jsonl" },
                { "name": "s", "role": "shard", "listen": "tcp://127.0.0.1:\(ports[1])", "partitions": [0, 1] },
                { "name": "g", "role": "generator", "listen": "tcp://127.0.0.1:\(ports[2])" } ] }
            """
        let file = directory.file("cluster.json")
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        nodes = try [("shard", "s"), ("generator", "g"), ("coordinator", "c")].map { role, name in
            try RunningProcess(Imprag.path, [role, "--config", file, "--node", name])
        }
        let isComplete = nodes[2].waits(seconds: 30) { $0.standardOutput.contains("complete c") }
        try #require(isComplete, "\(nodes.map(\.standardError))")
    }

    private static func create(_ name: String, _ role: String, in directory: TemporaryDirectory) throws {
        let made = try Imprag.run([
            "keys", "create", name, "--role", role, "--keys", directory.file("keys.json"),
            "--out", directory.file("\(name).key"),
        ])
        try #require(made.status == 0, "\(made.errors)")
    }

    private func stop() throws {
        for node in nodes { node.kill(SIGINT) }
        for node in nodes { _ = try node.wait(seconds: 10) }
    }

    /// Runs a command with the key of `name`; nil: without.
    private func run(_ name: String?, _ arguments: [String], input: String = "") throws -> Imprag.Outcome {
        let key = name.map { ["--key", directory.file("\($0).key")] } ?? []
        return try Imprag.run(arguments + ["--endpoint", endpoint] + key, input: input)
    }

    private static let line = #"{"id":"new","title":"Peru","text":"Lima is the capital of Peru."}"#

    @Test("a key is asked for, and lets its holder do what its role says, which the audit log tells")
    func roles() throws {
        defer { try? stop() }
        let ask = ["ask", LiveUpdateTests.question]
        #expect(try run("bob", ask).status == 0)
        let environment = ["IMPRAG_KEY": directory.file("bob.key")]
        let process = try RunningProcess(Imprag.path, ask + ["--endpoint", endpoint], environment: environment)
        #expect(try process.wait(seconds: 60).status == 0)

        let start = ContinuousClock.now
        let keyless = try run(nil, ask)
        #expect(keyless.status == 1)
        #expect(keyless.errors.contains("unauthenticated: "), "\(keyless.errors)")
        #expect(keyless.errors.contains("lets in only who has a key"), "\(keyless.errors)")
        #expect(ContinuousClock.now - start < .seconds(10))

        let upsert = ["upsert", "--file", "-", "--wait", "found"]
        let refused = try run("bob", upsert, input: Self.line)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("permission_denied: the key \"bob\" has the role read"), "\(refused.errors)")
        let taken = try run("alice", upsert, input: Self.line)
        #expect(taken.output == "epoch 1: 1 passage new, 0 replaced\n", "\(taken.errors)")
        // A node's key is for nodes.
        #expect(try run("node", ask).errors.contains("permission_denied: "))
        #expect(try run("node", ["status"]).status == 0)

        try stop()
        let audit = try String(contentsOfFile: directory.file("audit.jsonl"), encoding: .utf8)
        let lines = audit.split(separator: "\n")
        #expect(lines.count == 2, "\(audit)")
        #expect(lines.first?.contains(#""caller":"bob","error":"permission_denied""#) == true, "\(audit)")
        #expect(lines.last?.contains(#""caller":"alice","epoch":1"#) == true, "\(audit)")
        #expect(!audit.contains("Lima"))
    }

    @Test("a key that is revoked under load stops its holder within a second and nobody else; a new key is let in")
    func revoked() throws {
        defer { try? stop() }
        let lines = (0..<40_000).map { #"{"id":"p\#($0)","text":"Number \#($0) is a number."}"# }
        let load = try RunningProcess(
            Imprag.path,
            ["upsert", "--file", "-", "--endpoint", endpoint, "--key", directory.file("alice.key")],
            input: Array(lines.joined(separator: "\n").utf8))
        Thread.sleep(forTimeInterval: 1)
        #expect(load.isRunning, "\(load.standardOutput)")
        let keys = ["--keys", directory.file("keys.json")]
        #expect(try Imprag.run(["keys", "revoke", "alice"] + keys).status == 0)
        let outcome = try load.wait(seconds: 30)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("unauthenticated: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("before that: "), "\(outcome.errors)")
        let refused = try run("alice", ["search", "a"])
        #expect(refused.errors.contains("does not let in the key \"alice\""), "\(refused.errors)")
        let search = ["search", LiveUpdateTests.question]
        #expect(try run("bob", search).status == 0)
        try Self.create("carol", "read", in: directory)
        #expect(try run("carol", search).status == 0)
        let listed = try Imprag.run(["keys", "list"] + keys).output
        #expect(["bob", "carol", "node"].allSatisfy(listed.contains) && !listed.contains("alice"), "\(listed)")
    }

    @Test("a node whose key file is missing, or another cluster's, does not start, and says why")
    func wrongKeys() throws {
        defer { try? stop() }
        let file = directory.file("other.json")
        let text = try String(contentsOfFile: directory.file("cluster.json"), encoding: .utf8)
        for (key, reason) in [("none.key", "the key file cannot be read"), ("bob.key", "the role node")] {
            try text.replacing("node.key", with: key).write(toFile: file, atomically: true, encoding: .utf8)
            let outcome = try Imprag.run(["generator", "--config", file, "--node", "g"], seconds: 20)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        }
    }
}
