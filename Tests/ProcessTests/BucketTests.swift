import Foundation
import TestSupport
import Testing

/// A place of a real service, `s3://BUCKET/PREFIX?endpoint=…`, if one runs.
private let realBucket = ProcessInfo.processInfo.environment["IMPRAG_S3_TEST"]

/// The whole life of a collection in a real service's bucket: `make test-store` starts one.
@Suite(
    .serialized, .timeLimit(.minutes(15)),
    .enabled(
        if: realBucket != nil, "IMPRAG_S3_TEST names no bucket; `make test-store` starts a service with one"))
struct BucketTests {
    private let directory: TemporaryDirectory
    /// Of this test's own.
    private let root: String

    init() throws {
        directory = try TemporaryDirectory()
        let bucket = try #require(realBucket)
        let end = bucket.firstIndex(of: "?") ?? bucket.endIndex
        root = "\(bucket[..<end])/life-\(UUID().uuidString.prefix(8))\(bucket[end...])"
    }

    /// The location of a collection, or without a name what all lie in.
    private func place(_ name: String) -> String {
        let end = root.firstIndex(of: "?") ?? root.endIndex
        return "\(root[..<end])/\(name)\(root[end...])"
    }

    private func upsert(_ ids: [String], at endpoints: String) throws {
        let lines = ids.map { #"{"id":"\#($0)","title":"Peru","text":"Lima is the capital of Peru, says \#($0)."}"# }
        let outcome = try Imprag.run(
            ["upsert", "--file", "-", "--collection", "wiki", "--endpoint", endpoints],
            input: lines.joined(separator: "\n"), seconds: 120)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// The ids among the best, at a cluster on this collection; of those that begin so.
    private func found(_ cluster: RunningCluster) throws -> [String] {
        let search = ["search", "Lima is the capital of Peru", "--k", "50", "--exact", "--json"]
        return try Found(cluster.run(search)).ids.filter { $0.hasPrefix("new-") }.sorted()
    }

    private func cluster(_ collection: String, _ name: String) throws -> RunningCluster {
        try RunningCluster(
            model: CommandLineTests.model, index: collection, socket: directory.file(name),
            ["--data", directory.file("data-" + name)])
    }

    private func expectWhole(_ collection: String) throws {
        let verified = try Imprag.succeed(["verify", collection, "--deep"])
        #expect(verified.contains("all as they were written") && !verified.contains("named by nothing"), "\(verified)")
    }

    /// The collection `wiki-1` of 300 passages, which the alias `wiki` stands for.
    private func create() throws -> String {
        let corpus = directory.file("corpus.jsonl")
        try String(contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8)
            .split(separator: "\n").prefix(300).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file("index")
        try Imprag.succeed([
            "index", "--model", CommandLineTests.model, "--corpus", corpus, "--out", index, "--partitions", "2",
        ])
        let wiki = place("wiki-1")
        try Imprag.succeed(["collections", "create", wiki, "--from", index])
        #expect(try Imprag.succeed(["alias", "set", root, "wiki", "wiki-1"]) == "wiki stands for wiki-1\n")
        return wiki
    }

    @Test("snapshots, retention and restores bring back what was, from the bucket into it and out of it")
    func restores() throws {
        let wiki = try create()
        try Imprag.succeed(["collections", "set", wiki, "--retention", "1h"])
        let time: String
        do {
            let cluster = try cluster(wiki, "a")
            try upsert(["new-1", "new-2"], at: cluster.endpoint)
            #expect(try Imprag.succeed(["snapshot", "create", wiki, "two"]).contains("at epoch 1"))
            try upsert(["new-3"], at: cluster.endpoint)
            // Of whole seconds: the next update comes in a later one, and new-3 in an earlier one.
            Thread.sleep(forTimeInterval: 1.1)
            time = Date().formatted(.iso8601)
            Thread.sleep(forTimeInterval: 1.1)
            let deleted = try cluster.run(["delete", "new-1", "--wait", "found", "--collection", "wiki"])
            #expect(deleted.output.contains("1 of 1 deleted"), "\(deleted.errors)")
            #expect(try found(cluster) == ["new-2", "new-3"])
        }
        let (back, local) = (place("back"), directory.file("local"))
        #expect(try Imprag.succeed(["restore", wiki, "--snapshot", "two", "--to", back]).contains("at epoch 1"))
        #expect(try Imprag.succeed(["restore", wiki, "--at", time, "--to", local]).contains("at epoch 2"))
        for collection in [wiki, back, local] { try expectWhole(collection) }
        #expect(try found(cluster(back, "b")) == ["new-1", "new-2"])
        let restored = try RunningCluster(
            model: CommandLineTests.model, index: local, socket: directory.file("c"))
        #expect(try found(restored) == ["new-1", "new-2", "new-3"])
        let listed = try Imprag.succeed(["collections", "list", root])
        #expect(["wiki-1", "back"].allSatisfy(listed.contains), "\(listed)")
        try Imprag.succeed(["snapshot", "delete", wiki, "two"])
        try Imprag.succeed(["collections", "delete", back, "--yes"])
        #expect(try !Imprag.succeed(["collections", "list", root]).contains("back"))
        try expectWhole(wiki)
    }

    @Test("a collection in a bucket is spread over more partitions by a command that is killed, and loses no update")
    func reshard() throws {
        let (old, new) = (try create(), place("wiki-2"))
        let command = ["reshard", old, new, "--partitions", "4", "--scratch", directory.file("scratch")]
        let first = try cluster(old, "a")
        let both = "\(first.endpoint),ipc://\(directory.file("b"))"
        try upsert(["new-1"], at: both)
        // Until the snapshot that it works on is there, which is its first write, and perhaps a little longer.
        let process = try RunningProcess(Imprag.path, command)
        _ = process.waits(seconds: 120) { _ in
            (try? Imprag.succeed(["snapshot", "list", old]).contains("reshard-4")) ?? false
        }
        process.kill(SIGKILL)
        _ = try process.wait(seconds: 60)
        try upsert(["new-2"], at: both)
        try Imprag.succeed(command)
        let second = try cluster(new, "b")
        try upsert(["new-3"], at: both)
        #expect(try Imprag.succeed(command + ["--alias", "wiki"]).contains("wiki stands for it, and \(old) is closed"))
        #expect(try Imprag.succeed(command + ["--alias", "wiki"]).contains("nothing is left to do"))
        try upsert(["new-4"], at: both)
        #expect(try found(second) == ["new-1", "new-2", "new-3", "new-4"])
        let closed = try first.run(["delete", "new-1"])
        #expect(closed.status == 1 && closed.errors.contains("takes no updates"), "\(closed.errors)")
        try expectWhole(new)
        #expect(try Imprag.succeed(["alias", "list", root]).contains("wiki-2"))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.file("scratch"))
        #expect(left.isEmpty, "\(left)")
    }
}
