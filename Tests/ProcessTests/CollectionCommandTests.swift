import Foundation
import TestSupport
import Testing

/// `imprag collections`, `snapshot`, `restore` and `verify` as processes.
@Suite(.serialized)
struct CollectionCommandTests {
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"
    private static let question = "What is the capital of Peru?"

    /// An index of 300 passages, the one on Peru among them, in two partitions.
    private static func index(_ directory: TemporaryDirectory) throws -> String {
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n")
        let corpus = directory.file("corpus.jsonl")
        let peru = lines.filter { $0.contains(#""id": "country-pe""#) }
        try (peru + lines.filter { !peru.contains($0) }.prefix(299)).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file("index")
        try Imprag.succeed(["index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "2"])
        return index
    }

    private func expectFailure(_ arguments: [String], _ status: Int32, _ words: String) throws {
        let outcome = try Imprag.run(arguments, seconds: 120)
        #expect(outcome.status == status && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
    }

    private func json(_ arguments: [String]) throws -> [String: Any] {
        let output = try Imprag.run(arguments + ["--json"], seconds: 120).output
        return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    /// Of a cluster that ends as by a terminal's Ctrl-\.
    private func searched(_ index: String, _ directory: TemporaryDirectory, _ more: [String] = []) throws -> [String] {
        let cluster = try RunningCluster(
            model: Self.model, index: index, socket: directory.file("c\(UUID().uuidString.prefix(4))"), more)
        let ids = try Found(cluster.run(["search", Self.question, "--k", "5", "--json"])).ids
        let node = try #require(try cluster.children("imprag").first)
        let arguments = try String(contentsOfFile: "/proc/\(node)/cmdline", encoding: .utf8).split(separator: "\0")
        let file = try #require(arguments.first { $0.hasSuffix("/cluster.json") })
        let runtime = String(file.dropLast("/cluster.json".count))
        #expect(FileManager.default.fileExists(atPath: runtime))
        for node in try [cluster.process.identifier] + cluster.children("imprag") { kill(node, SIGQUIT) }
        let outcome = try cluster.process.wait(seconds: 30)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: runtime), "\(outcome.errors)")
        return ids
    }

    @Test(
        "a snapshot brings back what was deleted, in a new collection that is served at once; the old one stays as it is",
        .timeLimit(.minutes(5)))
    func life() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.index(directory)
        let before = try searched(index, directory)
        #expect(before.contains("country-pe"))
        let made = try Imprag.succeed(["snapshot", "create", index, "whole"])
        #expect(made == "\(index) at epoch 0 is kept as whole\n")
        do {
            let cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
            #expect(try cluster.run(["delete", "country-pe", "--wait", "found"]).output == "epoch 1: 1 of 1 deleted\n")
            // While it is served.
            #expect(try Imprag.succeed(["verify", index]).contains("1 segments"))
            try expectFailure(["collections", "delete", index, "--yes"], 1, "stop the cluster")
        }
        let (restored, newest) = (directory.file("restored"), directory.file("bucket/newest"))
        #expect(try Imprag.succeed(["restore", index, "--snapshot", "whole", "--to", restored]).contains("at epoch 0"))
        #expect(try Imprag.succeed(["collections", "create", newest, "--from", index]).contains("at epoch 1"))
        #expect(try searched(restored, directory, ["--read-only"]) == before)
        #expect(try searched(newest, directory).contains("country-pe") == false)
        #expect(try searched(index, directory).contains("country-pe") == false)
        for place in [index, restored, newest] {
            #expect(try Imprag.succeed(["verify", place, "--deep"]).contains("all as they were written"))
        }
        let listed = try #require(try json(["collections", "list", directory.path])["collections"] as? [[String: Any]])
        #expect(listed.map { $0["name"] as? String } == ["bucket/newest", "index", "restored"])
        #expect(
            listed.map { $0["epoch"] as? Int } == [1, 1, 0]
                && Set(listed.map { $0["collection"] as? String }).count == 3)
        #expect(listed.allSatisfy { $0["passages"] as? Int == 300 && ($0["bytes"] as? Int ?? 0) > 0 })
        let table = try Imprag.succeed(["collections", "list", directory.path])
        #expect(table.contains("encyclopedia-tiny") && table.split(separator: "\n").count == 4)

        #expect(try Imprag.succeed(["snapshot", "list", index]).contains("whole"))
        #expect(try Imprag.succeed(["snapshot", "list", restored]) == "no snapshots of \(restored)\n")
        try Imprag.succeed(["snapshot", "delete", index, "whole"])
        try expectFailure(["restore", index, "--snapshot", "whole", "--to", directory.file("x")], 1, "it has none")
        #expect(!FileManager.default.fileExists(atPath: directory.file("x")))
        #expect(try Imprag.succeed(["collections", "delete", restored, "--yes"]).contains("objects"))
        #expect(!FileManager.default.fileExists(atPath: restored))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!left.contains { $0.hasPrefix("imprag-scratch") }, "\(left)")
    }

    @Test("verify names every file that is cut, flipped or gone, of every kind, and exits with 1")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.index(directory)
        let checkpoint = "checkpoint/0001/00000000000000000000"
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(index)/\(checkpoint)").sorted()
        let table = try #require(names.first { $0.contains(".sst.") })
        let current = try #require(names.first { $0.hasPrefix("CURRENT.") })
        for key in [
            "manifest.json", "\(checkpoint)/contents.json", "\(checkpoint)/\(table)", "\(checkpoint)/\(current)",
        ] {
            let file = URL(filePath: "\(index)/\(key)")
            let original = try Data(contentsOf: file)
            var flipped = original
            flipped[original.count / 2] ^= 1
            for bytes in [flipped, original.dropLast(), nil] {
                // Not in place: it may be a replica's file too.
                try FileManager.default.removeItem(at: file)
                try bytes?.write(to: file)
                let outcome = try Imprag.run(["verify", index], seconds: 60)
                #expect(
                    outcome.status == 1 && outcome.output.contains(key), "\(key): \(outcome.output)\(outcome.errors)")
                let report = try json(["verify", index])
                let problems = try #require(report["problems"] as? [[String: Any]])
                #expect(report["ok"] as? Bool == false && problems.first?["object"] as? String == key)
                if bytes == nil { try original.write(to: file) } else { try original.write(to: file, options: .atomic) }
            }
        }
        // A replica is read too: one that differs from what was indexed.
        let replica = "\(index)/partition-0000"
        let own = try #require(
            try FileManager.default.contentsOfDirectory(atPath: replica).filter { $0.hasSuffix(".sst") }.max {
                try FileManager.default.attributesOfItem(atPath: "\(replica)/\($0)")[.size] as? Int ?? 0
                    < FileManager.default.attributesOfItem(atPath: "\(replica)/\($1)")[.size] as? Int ?? 0
            })
        let file = URL(filePath: "\(replica)/\(own)")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 3] ^= 1
        try FileManager.default.removeItem(at: file)
        try bytes.write(to: file)
        let outcome = try Imprag.run(["verify", index], seconds: 60)
        #expect(outcome.status == 1 && outcome.output.contains("partition-0000"), "\(outcome.output)\(outcome.errors)")
        try FileManager.default.removeItem(atPath: replica)
        #expect(try Imprag.succeed(["verify", index]).contains("1 replicas"))
    }

    @Test("what is not there, not meant or in the way is refused, and nothing is made or lost")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        let (none, empty) = (directory.file("none"), directory.file("empty"))
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(filePath: empty + "/notes.txt"))
        for command in [
            ["collections", "list", none], ["verify", none], ["snapshot", "list", none],
            ["snapshot", "create", none, "a"],
            ["restore", none, "--to", directory.file("x")], ["collections", "delete", none, "--yes"],
            ["collections", "create", directory.file("x"), "--from", none],
        ] {
            try expectFailure(command, 1, "there is no directory")
        }
        try expectFailure(["verify", empty], 1, "there is no collection")
        try expectFailure(["collections", "delete", empty, "--yes"], 1, "there is no collection")
        try expectFailure(["collections", "delete", empty], 2, "--yes")
        try expectFailure(["restore", empty, "--to", "x", "--snapshot", "a", "--epoch", "1"], 2, "one of --snapshot")
        try expectFailure(["verify", empty, "--scratch", "x"], 2, "--deep")
        try expectFailure(["snapshot", "create", empty], 2, "LOCATION and NAME")
        try expectFailure(["collections", "list", "ftp://x"], 2, "s3://BUCKET/PREFIX or a directory")
        #expect(try Imprag.succeed(["collections", "list", empty]) == "no collections in \(empty)\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty) == ["notes.txt"])
        #expect(!FileManager.default.fileExists(atPath: directory.file("x")))
        #expect(!FileManager.default.fileExists(atPath: none))
    }
}
