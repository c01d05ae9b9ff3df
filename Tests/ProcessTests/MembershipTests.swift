import Foundation
import TestSupport
import Testing

/// Nodes that find each other in a real etcd, as real processes: three shards with two replicas of each partition, two
/// coordinators, a generator.
@Suite(.enabled(if: EtcdServer.isInstalled, "\(EtcdServer.need)"), .serialized)
final class MembershipTests {
    private let directory: TemporaryDirectory
    private let etcd: EtcdServer
    private var nodes: [String: RunningProcess] = [:]
    private static let partitions = 2
    private static let coordinators = ["left", "right"]

    init() throws {
        directory = try TemporaryDirectory()
        etcd = try EtcdServer()
        let index = try LiveUpdateTests.makeIndex(directory)
        let socket = "ipc://" + directory.file("{node}")
        let text = """
            { "partitions": \(Self.partitions), "model": "\(LiveUpdateTests.model)", "index": "\(index)",
              "membership": { "replicas": 2, "etcd": {
                "endpoints": ["\(etcd.endpoint)"], "prefix": "/imprag/test", "ttl_seconds": 5 } },
              "nodes": [
                { "role": "shard", "listen": "\(socket)", "data": "\(directory.file("data-{node}"))" },
                { "role": "coordinator", "listen": "\(socket)" }, { "role": "generator", "listen": "\(socket)" } ] }
            """
        try text.write(toFile: directory.file("cluster.json"), atomically: true, encoding: .utf8)
    }

    deinit {
        for node in nodes.values {
            node.kill(SIGCONT)
            node.kill(SIGINT)
        }
        for node in nodes.values { _ = try? node.wait(seconds: 10) }
    }

    private func start(_ name: String, _ role: String) throws {
        nodes[name] = try RunningProcess(
            Imprag.path, [role, "--config", directory.file("cluster.json"), "--node", name])
    }

    private func startAll() throws {
        for name in ["s0", "s1", "s2"] { try start(name, "shard") }
        for name in Self.coordinators { try start(name, "coordinator") }
        try start("writer", "generator")
        for name in Self.coordinators {
            let isComplete = nodes[name]?.waits(seconds: 60) { $0.standardOutput.contains("complete ") }
            try #require(isComplete == true, "\(nodes[name]?.standardError ?? "")")
        }
        let haveSettled = try isSettled(3)
        try #require(haveSettled, "\(state)")
    }

    /// Waits until so many shards serve each partition twice and no more, and have for some seconds.
    private func isSettled(_ count: Int) throws -> Bool {
        var last: [String: Set<Int>] = [:]
        var since = Date()
        return try wait(seconds: 90) {
            let now = try shards()
            let sum = now.values.reduce(0) { $0 + $1.count }
            let isRight = try now.count == count && sum == 2 * Self.partitions && isCovered()
            if !isRight || now != last { (last, since) = (now, Date()) }
            return isRight && Date().timeIntervalSince(since) > 4
        }
    }

    private var state: String { "\((try? shards()) ?? [:])\n\(logs)" }

    private var logs: String {
        nodes.sorted { $0.key < $1.key }.map { "\($0.key):\n\($0.value.standardError)" }.joined()
    }

    private var endpoints: String {
        Self.coordinators.map { "ipc://" + directory.file($0) }.joined(separator: ",")
    }

    private func wait(seconds: Double = 60, for condition: () throws -> Bool) rethrows -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            if try condition() { return true }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return false
    }

    // MARK: What etcd and the coordinators say

    private struct Entry: Decodable {
        struct Served: Decodable { let number: Int }
        let role: String
        let partitions: [Served]
    }

    /// The partitions that each registered shard has announced.
    private func shards() throws -> [String: Set<Int>] {
        struct Range: Decodable {
            struct Pair: Decodable {
                let key: Data
                let value: Data
            }
            let kvs: [Pair]?
        }
        let prefix = Data("/imprag/test/nodes/".utf8).base64EncodedString()
        let end = Data("/imprag/test/nodes0".utf8).base64EncodedString()
        let text = try etcd.call("/v3/kv/range", #"{"key":"\#(prefix)","range_end":"\#(end)"}"#)
        var shards: [String: Set<Int>] = [:]
        for pair in try JSONDecoder().decode(Range.self, from: Data(text.utf8)).kvs ?? [] {
            let entry = try JSONDecoder().decode(Entry.self, from: pair.value)
            let name = String(decoding: pair.key, as: UTF8.self).split(separator: "/").last.map(String.init) ?? ""
            if entry.role == "shard" { shards[name] = Set(entry.partitions.map(\.number)) }
        }
        return shards
    }

    /// Each partition has two replicas or more.
    private func isCovered() throws -> Bool {
        let shards = try shards()
        return (0..<Self.partitions).allSatisfy { number in shards.count { $0.value.contains(number) } >= 2 }
    }

    private struct Status: Decodable {
        struct Node: Decodable {
            let name: String
            let state: String
            let detail: String?
        }
        let nodes: [Node]
    }

    private func status() throws -> [Status.Node] {
        let outcome = try Imprag.run(["status", "--json", "--endpoint", endpoints])
        return try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8)).nodes
    }

    /// Clients that ask until `end` is called; what fails leaves its words.
    private final class Clients {
        private let processes: [RunningProcess]
        private let directory: TemporaryDirectory
        private let failures: String
        private let end: String

        init(_ endpoints: String) throws {
            directory = try TemporaryDirectory()
            (failures, end) = (directory.file("failures"), directory.file("end"))
            let (failures, end) = (failures, end)
            processes = try [
                "ask '\(LiveUpdateTests.question)' --max-tokens 4", "search '\(LiveUpdateTests.question)'",
            ]
            .map { words in
                try RunningProcess(
                    "/bin/sh",
                    [
                        "-c",
                        """
                        while [ ! -e \(end) ]; do
                          \(Imprag.path) \(words) --deadline 5000 --endpoint \(endpoints) \
                            > /dev/null 2>> \(failures) && echo done
                        done
                        """,
                    ])
            }
        }

        /// What failed, and how many requests did not.
        func finish() throws -> (failures: String, answered: Int) {
            try Data().write(to: URL(filePath: end))
            var answered = 0
            for process in processes {
                answered += try process.wait(seconds: 60).output.split(separator: "\n").count
            }
            return (try String(contentsOfFile: failures, encoding: .utf8), answered)
        }
    }

    /// One after the other in one cluster: most of each is waiting for leases.
    @Test(
        "a restart within the lease copies nothing; an etcd that is away moves nothing; a killed shard's partitions are taken over; and no request fails"
    )
    func changes() throws {
        try startAll()
        try restartWithinLease()
        try loseEtcd()
        try replaceShard()
    }

    /// A shard that is restarted within its lease has not been away: nothing is copied.
    private func restartWithinLease() throws {
        let before = try shards()
        let clients = try Clients(endpoints)
        let name = try #require(before.first { !$0.value.isEmpty }?.key)
        nodes[name]?.kill(SIGTERM)
        #expect(try nodes[name]?.wait(seconds: 20).status == 0)
        try start(name, "shard")
        let isSame = try wait { try shards() == before }
        #expect(isSame, "\(before) \(state)")
        #expect(nodes[name]?.standardError.contains("is fetched from its checkpoint") == false)
        for (other, process) in nodes where other != name {
            #expect(!process.standardError.contains("gave partition"), "\(other)")
        }
        let (failures, answered) = try clients.finish()
        #expect(failures == "" && answered > 5, "\(answered) answered; \(logs)")
    }

    /// While etcd is away, what was known is served and status says so; nothing moves.
    private func loseEtcd() throws {
        let before = try shards()
        let clients = try Clients(endpoints)
        etcd.kill()
        let isTold = try wait(seconds: 20) {
            try status().filter { Self.coordinators.contains($0.name) }.contains { node in
                node.detail?.contains("membership: etcd unreachable since 20") == true
            }
        }
        #expect(isTold, "\(state)")
        // Longer than every lease.
        Thread.sleep(forTimeInterval: 7)
        let states = try status().map(\.state)
        #expect(Set(states) == ["ready"])
        try etcd.start()
        let isBack = try wait {
            try shards() == before && !status().contains { $0.detail?.contains("unreachable since") == true }
        }
        #expect(isBack, "\(before) \(state)")
        let (failures, answered) = try clients.finish()
        #expect(failures == "" && answered > 10, "\(answered) answered; \(logs)")
    }

    /// A killed shard's partitions are taken over, and one that comes takes its share.
    private func replaceShard() throws {
        let clients = try Clients(endpoints)
        let victim = try #require(try shards().first { !$0.value.isEmpty }?.key)
        nodes[victim]?.kill(SIGKILL)
        let isReplaced = try wait { try shards()[victim] == nil && isCovered() }
        #expect(isReplaced, "\(state)")
        let before = try shards()
        for name in ["s3", "s4"] { try start(name, "shard") }
        let haveSettled = try isSettled(4)
        let after = try shards()
        #expect(haveSettled, "\(before) \(after) \(logs)")
        // What was given up has left the disk.
        for (name, held) in after {
            let isTidy = try wait(seconds: 20) {
                let files = try FileManager.default.contentsOfDirectory(atPath: directory.file("data-\(name)"))
                return Set(files.filter { $0.hasPrefix("partition-") }) == Set(held.map { "partition-000\($0)" })
            }
            #expect(isTidy, "\(name)")
        }
        let (failures, answered) = try clients.finish()
        #expect(failures == "" && answered > 10, "\(answered) answered; \(logs)")
    }
}
