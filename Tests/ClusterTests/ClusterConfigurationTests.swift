import Cluster
import Core
import Foundation
import TestSupport
import Testing

struct ClusterConfigurationTests {
    /// A file with one coordinator, one shard and one generator; `replacements` change its text.
    private func load(_ replacements: [String: String] = [:]) throws -> ClusterConfiguration {
        var text = """
            { // a comment
              "model": "model", "index": "/srv/index", "partitions": 1,
              "nodes": [
                { "name": "front", "role": "coordinator" },
                { "name": "shard-0", "role": "shard", "listen": "ipc:///run/s0", "partitions": [0] },
                { "name": "writer", "role": "generator", "listen": "tcp://127.0.0.1:7102" },
              ]
            }
            """
        for (old, new) in replacements {
            try #require(text.contains(old))
            text = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        }
        return try ClusterConfiguration(text: text, source: "cluster.json", directory: "/etc/imprag")
    }

    /// The number of partitions, and keys for all nodes.
    private static let keyed = "\"partitions\": 1, \"keys\": \"keys.json\", \"key\": \"/run/node.key\""

    @Test("keys are named once for all nodes, or by a node for itself; a coordinator may keep an audit log")
    func keys() throws {
        #expect(try load().nodes.allSatisfy { $0.keys == nil })
        let cluster = try load([
            "\"partitions\": 1": Self.keyed, "\"writer\"": "\"writer\", \"key\": \"own.key\"",
            "\"front\"": "\"front\", \"audit_log\": \"audit.jsonl\"",
        ])
        #expect(cluster.nodes.map(\.keys?.list) == Array(repeating: "/etc/imprag/keys.json", count: 3))
        #expect(cluster.nodes.map(\.keys?.own) == ["/run/node.key", "/run/node.key", "/etc/imprag/own.key"])
        guard case .coordinator(let settings) = try cluster.node(named: "front").role else {
            Issue.record("front is no coordinator")
            return
        }
        #expect(settings.auditLog == "/etc/imprag/audit.jsonl")
    }

    /// The message of the error that the changed file gives.
    private func problem(_ replacements: [String: String]) throws -> String {
        let error = #expect(throws: ImpRAGError.self) { try load(replacements) }
        #expect(error?.code == .invalidArgument)
        return try #require(error).message
    }

    @Test("a small file gets every default, and relative paths start at the file")
    func defaults() throws {
        let cluster = try load()
        #expect(cluster.nodes.map(\.name) == ["front", "shard-0", "writer"])
        let front = try cluster.node(named: "front", kind: .coordinator)
        #expect(front.listen.description == Endpoint.defaultCoordinator)
        #expect(front.model == "/etc/imprag/model")
        guard case .coordinator(let settings) = front.role else {
            Issue.record("front is no coordinator")
            return
        }
        #expect(settings.maxBatch == 16)
        #expect(settings.searchDeadlineShare == 0.5)
        let shard = try cluster.node(named: "shard-0")
        #expect(shard.index == "/srv/index")
        guard case .shard(let shardSettings) = shard.role else {
            Issue.record("shard-0 is no shard")
            return
        }
        #expect(shardSettings.partitions == [0])
    }

    @Test("the sample cluster file is valid and names every field")
    func sample() throws {
        let cluster = try ClusterConfiguration(path: SharedData.packageRoot + "/Cluster/cluster.json")
        #expect(cluster.partitionCount == 2)
        #expect(cluster.nodes(of: .shard).count == 2)
        #expect(cluster.nodes.allSatisfy { $0.memoryBudget != nil })
    }

    @Test("an unknown field is refused with the nearest known one")
    func unknownField() throws {
        #expect(
            try problem(["\"partitions\": [": "\"partitons\": ["]).contains(
                "nodes[1].partitons: there is no such field; did you mean \"partitions\"?"))
        #expect(
            try problem(["\"index\"": "\"zzz\": 1, \"index\""]).contains("zzz: there is no such field; known here"))
        #expect(try problem(["\"partitions\": 1": "\"shards\": 1"]).contains("shards: is called \"partitions\""))
    }

    @Test("every problem is listed, each with its field's path")
    func allProblems() throws {
        let message = try problem([
            "\"role\": \"generator\"": "\"role\": \"writer\"", "[0]": "[0, -1]", "ipc:///run/s0": "udp://x",
            "\"partitions\": 1": "\"partitions\": \"one\"",
        ])
        #expect(message.hasPrefix("cluster.json has 4 problems:\n"))
        #expect(message.contains("nodes[2].role: one of \"shard\", \"coordinator\", \"generator\" is right"))
        #expect(message.contains("nodes[1].partitions[1]: a whole number from 0 is right, not the number -1"))
        #expect(message.contains("nodes[1].listen: \"udp://x\" is neither tcp://HOST:PORT nor ipc://PATH"))
        #expect(message.contains("partitions: a whole number from 1 to 1024 is right, not the text \"one\""))
    }

    @Test(
        "what cannot be a cluster is refused, and says why",
        arguments: [
            (
                ["\"coordinator\"": "\"shard\", \"listen\": \"ipc:///x\", \"partitions\": [1]"],
                "no node has the role \"coordinator\"; at least one is right"
            ),
            (["\"generator\", \"listen\"": "\"shard\", \"partitions\": [1], \"listen\""], "at least one is right"),
            (["\"partitions\": 1": "\"partitions\": 3"], "no shard serves partition 1, 2"),
            (["[0]": "[0, 1]"], "shard-0 serves partition 1, but \"partitions\" is 1"),
            (["[0]": "[0, 0]"], "nodes[1].partitions[1]: names partition 0 again; once is right"),
            (["[0]": "[]"], "nodes[1].partitions: is empty"),
            (["\"writer\"": "\"front\""], "nodes[2].name: front is also that of nodes[0]"),
            (["7102": "7100"], "nodes[2].listen: tcp://127.0.0.1:7100 is also that of nodes[0]"),
            (
                ["127.0.0.1:7102": "0.0.0.0:7102"],
                "nodes[2].listen: tcp://0.0.0.0:7102 can be reached from other machines"
            ),
            (
                ["127.0.0.1:7102\"": "*:7102\"", "\"partitions\": 1": ClusterConfigurationTests.keyed],
                "nodes[2].connect: is missing"
            ),
            (["\"partitions\": 1": "\"allow_remote\": true, \"partitions\": 1"], "allow_remote: is gone"),
            (["\"partitions\": 1": "\"keys\": \"k\", \"partitions\": 1"], "nodes[0].key: is missing"),
            (["\"writer\"": "\"writer\", \"key\": \"k\""], "nodes[2].keys: is missing"),
            (
                ["\"writer\"": "\"writer\", \"key\": \"k\", \"keys\": \"l\""],
                "nodes: writer has keys, and front has none"
            ),
            (["\"writer\"": "\"wri ter\""], "nodes[2].name: \"wri ter\" is not 1 to 64"),
            (["\"model\": \"model\",": ""], "nodes[0].model: is missing, here or at the top"),
            (["\"model\": \"model\",": "\"model\": 7,"], "model: a text that is not empty is right, not the number 7"),
            (
                ["\"partitions\": [": "\"memory_budget\": \"2 GB\", \"partitions\": ["],
                "nodes[1].memory_budget: a number of bytes"
            ),
            (["7102": "99999"], "has no port from 1 to 65535"),
            (
                ["\"role\": \"generator\"": "\"active_requests\": 0, \"role\": \"generator\""],
                "nodes[2].active_requests"
            ),
        ])
    func refused(replacements: [String: String], reason: String) throws {
        let message = try problem(replacements)
        #expect(message.contains(reason), "\(message)")
    }

    /// Two shards with a replica of partition 1 each, and two coordinators.
    private func replicas(_ first: String, _ second: String, host: String? = nil) throws -> ClusterConfiguration {
        let listen =
            host.map { "tcp://\($0):7101\", \"name\": \"b" } ?? "ipc:///b\", \"name\": \"b"
        return try ClusterConfiguration(
            text: """
                { "partitions": 3, "model": "m", "index": "/srv/index", "keys": "k", "key": "n", "nodes": [
                    { "name": "c", "role": "coordinator" },
                    { "name": "d", "role": "coordinator", "listen": "ipc:///d" },
                    { "name": "a", "role": "shard", "listen": "ipc:///a", "partitions": [0, 1] \(first) },
                    { "role": "shard", "partitions": [2, 1], "listen": "\(listen)" \(second) },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/etc")
    }

    @Test("a partition may have several replicas, preferred in the file's order, and a cluster several coordinators")
    func severalReplicas() throws {
        let cluster = try replicas("", ", \"data\": \"/srv/b\"")
        #expect(cluster.topology.collection.partitions.map(\.replicas) == [["a"], ["a", "b"], ["b"]])
        #expect(cluster.nodes(of: .coordinator).map(\.name) == ["c", "d"])
    }

    @Test(
        "two shards of one machine keep a partition in one directory only when both are read-only",
        arguments: [
            ("", ""), (", \"data\": \"/srv/x\"", ", \"data\": \"/srv/x/\""), ("", ", \"data\": \"../srv/index\""),
            ("", ", \"read_only\": true"), (", \"read_only\": true", ", \"data\": \"/srv/y/../index\""),
        ])
    func sharedDirectory(first: String, second: String) throws {
        let error = #expect(throws: ImpRAGError.self) { try replicas(first, second) }
        let message = error?.message ?? ""
        #expect(message.contains("a and b both keep a replica of partition 1 in /srv/"), "\(message)")
        #expect(message.contains("\"data\" (default: the index directory)"), "\(message)")
        #expect(message.contains("make both \"read_only\""), "\(message)")
        // Partitions that only one of them serves are no problem.
        #expect(message.contains("1 problem"), "\(message)")
        // The same path on another machine is another directory.
        _ = try replicas(first, second, host: "10.0.0.2")
        _ = try replicas(", \"read_only\": true", ", \"read_only\": true")
    }

    @Test("a shard's settings for updates and recall are read, and have defaults")
    func shardSettings() throws {
        guard case .shard(let standard) = try load().node(named: "shard-0").role else {
            Issue.record("no shard")
            return
        }
        #expect(standard.recall == nil && standard.probes == nil && standard.candidates == nil)
        #expect(standard.recallMeterShare == 0.02 && standard.maintenanceShare == 0.25)
        #expect(standard.checkpointAfter == ByteCount(64 << 20) && standard.data == nil && !standard.isReadOnly)
        let given = """
            "recall": 0.97, "probes": 12, "candidates": 300, "recall_meter_share": 0, "maintenance_share": 0.5,
            "checkpoint_after": "7 MiB", "data": "replicas", "read_only": true, "partitions": [
            """
        guard case .shard(let settings) = try load(["\"partitions\": [": given]).node(named: "shard-0").role else {
            Issue.record("no shard")
            return
        }
        #expect(settings.recall == 0.97 && settings.probes == 12 && settings.candidates == 300)
        #expect(settings.recallMeterShare == 0 && settings.maintenanceShare == 0.5)
        #expect(settings.checkpointAfter == ByteCount(7 << 20) && settings.isReadOnly)
        #expect(settings.data?.hasSuffix("/replicas") == true)
        let message = try problem(["\"partitions\": [": "\"recall\": 1, \"recal_meter_share\": 0, \"partitions\": ["])
        #expect(message.contains("recall: a number from 0.5 to 0.999 is right"), "\(message)")
        #expect(message.contains("did you mean \"recall_meter_share\"?"), "\(message)")
    }

    @Test("an index in a bucket stays as it is written, and its shards need a directory for replicas")
    func bucket() throws {
        let text = """
            { "partitions": 1, "model": "m", "index": "s3://wiki/production", "nodes": [
                { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] DATA },
                { "name": "c", "role": "coordinator", "read_only": true },
                { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
            """
        let error = #expect(throws: ImpRAGError.self) {
            try ClusterConfiguration(
                text: text.replacingOccurrences(of: "DATA", with: ""), source: "test", directory: "/etc")
        }
        #expect(error?.message.contains("nodes[0].data: is missing: the directory for replicas") == true)
        let cluster = try ClusterConfiguration(
            text: text.replacingOccurrences(of: "DATA", with: ", \"data\": \"replicas\""), source: "test",
            directory: "/etc")
        #expect(try cluster.node(named: "s").index == "s3://wiki/production")
        guard case .coordinator(let settings) = try cluster.node(named: "c").role else {
            throw ImpRAGError(.internal, "no coordinator")
        }
        #expect(settings.isReadOnly)
    }

    @Test(
        "nodes that write or follow the logs of different collections are reported; copies that are only read are not")
    func collections() throws {
        let text = """
            { "partitions": 2, "model": "m", "index": "/srv/index", "nodes": [
                { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                { "name": "t", "role": "shard", "listen": "ipc:///t", "partitions": [1], "index": "/srv/INDEX" MORE },
                { "name": "c", "role": "coordinator" },
                { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
            """
        func load(_ place: String, _ more: String = "") throws {
            let changed = text.replacingOccurrences(of: "INDEX", with: place).replacingOccurrences(
                of: "MORE", with: more)
            _ = try ClusterConfiguration(text: changed, source: "test", directory: "/etc")
        }
        let error = #expect(throws: ImpRAGError.self) { try load("other") }
        #expect(
            error?.message.contains("s has the \"index\" /srv/index and t has /srv/other: these are two collections")
                == true,
            "\(error?.message ?? "")")
        try load("./x/../index")
        try load("other", ", \"read_only\": true")
    }

    @Test("a shard's budget for passage states is bytes or a text, 0 is none, and absent is what is stored")
    func stateBudget() throws {
        func budget(_ text: String?) throws -> ByteCount? {
            let added = text.map { ["\"partitions\": [": "\"state_budget\": \($0), \"partitions\": ["] } ?? [:]
            guard case .shard(let settings) = try load(added).node(named: "shard-0").role else {
                throw ImpRAGError(.internal, "no shard")
            }
            return settings.stateBudget
        }
        #expect(try budget(nil) == nil)
        #expect(try budget("0") == ByteCount(0))
        #expect(try budget("5000") == ByteCount(5000))
        #expect(try budget("\"1.5 GiB\"") == ByteCount(3 << 29))
        for wrong in ["-1", "\"much\"", "\"2GiB\"", "true"] {
            let message = try problem(["\"partitions\": [": "\"state_budget\": \(wrong), \"partitions\": ["])
            #expect(message.contains("state_budget: a number of bytes or a text"), "\(message)")
        }
    }

    @Test("nodes on different machines may listen on the same wildcard")
    func sameListen() throws {
        let cluster = try load([
            "\"ipc:///run/s0\"": "\"tcp://*:7101\", \"connect\": \"tcp://s0:7101\"",
            "\"tcp://127.0.0.1:7102\"": "\"tcp://*:7101\", \"connect\": \"tcp://g0:7101\"",
            "\"partitions\": 1": Self.keyed,
        ])
        #expect(cluster.nodes.map(\.connect.description).suffix(2) == ["tcp://s0:7101", "tcp://g0:7101"])
    }

    @Test(
        "text that is not JSON, a list, and a missing file are errors",
        arguments: ["", "{", "[1, 2]", "\u{0}", "nodes"])
    func notAFile(text: String) {
        let error = #expect(throws: ImpRAGError.self) {
            try ClusterConfiguration(text: text, source: "here", directory: "/")
        }
        #expect(error?.code == .invalidArgument)
        let missing = #expect(throws: ImpRAGError.self) { try ClusterConfiguration(path: "/nonexistent/cluster.json") }
        #expect(missing?.code == .notFound && missing?.message.hasSuffix("does not exist") == true)
        // An endless file, which reading as a whole would never finish.
        let device = #expect(throws: ImpRAGError.self) { try ClusterConfiguration(path: "/dev/zero") }
        #expect(device?.message.hasSuffix("is not a regular file") == true)
    }

    @Test("a memory budget may be bytes or a text with a unit", arguments: [("1536", 1536), ("\"1.5 KiB\"", 1536)])
    func memoryBudget(text: String, bytes: Int) throws {
        let cluster = try load(["\"partitions\": [": "\"memory_budget\": \(text), \"partitions\": ["])
        #expect(try cluster.node(named: "shard-0").memoryBudget == ByteCount(bytes))
    }

    @Test("asking for a node that is not there, or has another role, says what is")
    func nodeByName() throws {
        let cluster = try load()
        let missing = #expect(throws: ImpRAGError.self) { try cluster.node(named: "shard-1") }
        #expect(missing?.message.contains("did you mean shard-0?") == true)
        let other = #expect(throws: ImpRAGError.self) { try cluster.node(named: "shard-0", kind: .generator) }
        #expect(other?.message.contains("is a shard, not a generator") == true)
    }
}
