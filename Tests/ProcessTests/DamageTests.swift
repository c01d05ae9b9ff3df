import Foundation
import TestSupport
import Testing

/// Flipped bits in the files of one partition, while a cluster of real processes serves another beside it.
@Suite(.serialized)
struct DamageTests {
    /// A model and an index of two partitions whose vectors stand in lists, made once for all tests of this suite.
    private static let made = Result {
        let directory = try TemporaryDirectory()
        let (model, index) = (directory.file("model"), directory.file("index"))
        try WideModel.write(to: model)
        let corpus = directory.file("corpus.jsonl")
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n").prefix(2400)
        try lines.joined(separator: "\n").write(toFile: corpus, atomically: true, encoding: .utf8)
        let indexed = try Imprag.run(
            ["index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "2"], seconds: 240)
        try #require(indexed.status == 0, "\(indexed.errors)")
        try #require(indexed.output.contains("calibrated"), "\(indexed.output)")
        return directory
    }

    /// The model, and a copy of the index.
    private static func copyIndex(to directory: TemporaryDirectory) throws -> (model: String, index: String) {
        let made = try made.get()
        try directory.copy(["index"], of: made)
        return (made.file("model"), directory.file("index"))
    }

    /// The largest table file of one column family of a partition.
    private static func table(of family: String, _ index: String, partition: Int) throws -> String {
        let path = index + "/partition-000\(partition)"
        // Among a table's properties its family stands behind the end of "rocksdb.column.family.name".
        let tables = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".sst") }.map {
            (path: path + "/" + $0, bytes: try Data(contentsOf: URL(filePath: path + "/" + $0)))
        }.filter { $0.bytes.range(of: Data("name\(family)".utf8)) != nil }
        return try #require(tables.max { $0.bytes.count < $1.bytes.count }?.path)
    }

    /// Flips one bit of a file, `percent` of its way.
    private static func flipBit(_ path: String, at percent: UInt64 = 50) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let place = try file.seekToEnd() * percent / 100
        try file.seek(toOffset: place)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: place)
        try file.write(contentsOf: Data([byte ^ 1]))
        try file.close()
    }

    @Test(
        "a flipped bit in one shard's vectors: a search that reads it fails and names the file, the other shard answers"
    )
    func vectors() throws {
        let directory = try TemporaryDirectory()
        let (model, index) = try Self.copyIndex(to: directory)
        // Before the start: what a shard keeps in memory it reads once.
        let table = try Self.table(of: "vectors", index, partition: 0)
        try Self.flipBit(table)
        let cluster = try RunningCluster(model: model, index: index, socket: directory.file("c"))
        let search = ["search", "What is the capital of Peru?", "--exact", "--json"]
        let failed = try cluster.run(search)
        #expect(failed.status == 1)
        #expect(failed.errors.contains("data_loss"), "\(failed.errors)")
        #expect(failed.errors.contains(table), "\(failed.errors)")
        let partial = try cluster.run(search + ["--partial"])
        #expect(partial.output.contains("data_loss") || partial.output.contains(table), "\(partial.output)")
        let found = try Found(partial)
        #expect(!found.complete && !found.passages.isEmpty)
        // The shard is there for all that does not read the file.
        #expect(try cluster.run(["status"]).output.split(separator: "\n").filter { $0.contains(" ready ") }.count == 4)
        let id = try #require(found.ids.first)
        #expect(try cluster.run(["delete", id, "--wait", "found"]).output == "epoch 1: 1 of 1 deleted\n")
        try Self.flipBit(table)
        #expect(try Found(cluster.run(search)).complete)

        // These partitions have lists, so a search is sampled, and its recall stands in the status soon.
        _ = try Found(cluster.run(["search", "What is the capital of Peru?", "--k", "10", "--json"]))
        let end = Date(timeIntervalSinceNow: 20)
        while Date() < end, try !cluster.run(["status"]).output.contains("@10 (1)") {
            Thread.sleep(forTimeInterval: 0.2)
        }
        #expect(try cluster.run(["status"]).output.contains("@10 (1)"))
    }

    @Test(
        "a flipped bit in one shard's index blocks: it does not start and says which file, the others serve",
        .timeLimit(.minutes(5)))
    func indexBlocks() throws {
        let directory = try TemporaryDirectory()
        let (model, index) = try Self.copyIndex(to: directory)
        let table = try Self.table(of: "index", index, partition: 0)
        // Sample queries stand first, which nobody reads until there is a new index; then the model, then the lists.
        try Self.flipBit(table, at: 90)

        let up = try Imprag.run([
            "up", "--model", model, "--index", index, "--endpoint", "ipc://" + directory.file("u"),
        ])
        #expect(up.status == 1)
        #expect(up.errors.contains("data_loss") && up.errors.contains(table), "\(up.errors)")

        let nodes: [(name: String, role: String, more: [String: Any])] = [
            ("coordinator", "coordinator", [:]), ("generator-0", "generator", [:]),
            ("shard-0", "shard", ["partitions": [0]]), ("shard-1", "shard", ["partitions": [1]]),
        ]
        let file = directory.file("cluster.json")
        let fields: [String: Any] = [
            "model": model, "index": index, "partitions": 2,
            "nodes": nodes.map { node in
                let socket = "ipc://" + directory.file(node.name)
                return node.more.merging(["name": node.name, "role": node.role, "listen": socket]) { $1 }
            },
        ]
        try JSONSerialization.data(withJSONObject: fields).write(to: URL(filePath: file))
        let processes = try nodes.map {
            try RunningProcess(Imprag.path, [$0.role, "--config", file, "--node", $0.name])
        }
        defer { for process in processes { process.kill(SIGKILL) } }
        let damaged = try processes[2].wait(seconds: 30)
        #expect(damaged.status == 1)
        #expect(damaged.errors.contains("data_loss") && damaged.errors.contains(table), "\(damaged.errors)")

        for place in [0, 1, 3] {
            #expect(processes[place].waits(seconds: 30) { $0.standardOutput.contains("ready") })
        }
        let search = ["search", "What is the capital of Peru?", "--json", "--endpoint"]
        let endpoint = "ipc://" + directory.file("coordinator")
        let whole = try Imprag.run(search + [endpoint])
        #expect(whole.status == 1 && whole.errors.contains("shard-0"), "\(whole.errors)")
        let found = try Found(Imprag.run(search + [endpoint, "--partial"]))
        #expect(!found.complete && !found.passages.isEmpty)
    }
}
