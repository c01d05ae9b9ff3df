import Foundation
import TestSupport
import Testing

/// Long commands that are killed or interrupted at moments that can be seen from outside, and given again: the same or
/// others.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StoppedCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The first passages of the encyclopedia but `skipped`, in a file.
    private func corpus(_ name: String = "corpus.jsonl", passages: Int, skipped: Int = 0) throws -> String {
        let path = directory.file(name)
        try String(contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8)
            .split(separator: "\n").dropFirst(skipped).prefix(passages).joined(separator: "\n")
            .write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func expectRefusal(_ arguments: [String], _ words: String...) throws {
        let outcome = try Imprag.run(arguments, seconds: 180)
        #expect(outcome.status == 1, "\(arguments)")
        for word in words { #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)") }
    }

    /// Runs a command until `isReached`, and ends it there; one that is faster has ended well.
    private func stop(_ arguments: [String], by signal: Int32 = SIGKILL, when isReached: () -> Bool) throws {
        let process = try RunningProcess(Imprag.path, arguments)
        _ = process.waits(seconds: 120) { _ in isReached() }
        process.kill(signal)
        let outcome = try process.wait(seconds: 60)
        #expect([0, 1, SIGKILL].contains(outcome.status), "\(arguments): \(outcome.errors)")
    }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    private func expectClean(_ collection: String) throws {
        let verified = try Imprag.succeed(["verify", collection, "--deep"])
        #expect(verified.contains("all as they were written"), "\(verified)")
        #expect(!verified.contains("named by nothing"), "\(verified)")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!names.contains { $0.hasPrefix("imprag-scratch") }, "\(names)")
    }

    @Test(
        "reshard, killed and interrupted at each of its stages, ends in one whole collection that the alias stands for")
    func reshard() throws {
        let (old, new) = (directory.file("wiki-1"), directory.file("wiki-2"))
        let model = CommandLineTests.model
        try Imprag.succeed([
            "index", "--model", model, "--corpus", corpus(passages: 400), "--out", old, "--partitions", "2",
        ])
        try Imprag.succeed(["alias", "set", directory.path, "wiki", "wiki-1"])
        let command = ["reshard", old, new, "--partitions", "4"]
        let switching = command + ["--alias", "wiki"]
        let draft = new + "/draft.json"
        try stop(command) { isThere(draft) }
        try stop(command) { isThere(new + "/checkpoint/0000/00000000000000000000/contents.json") }
        if isThere(draft) {
            try expectRefusal(["verify", new], "not a whole collection yet")
            try expectRefusal(command + ["--code-bytes", "32"], "its codes are as in the source, and now of 32 bytes")
            try expectRefusal(["reshard", old, new, "--partitions", "8"], "it gets 4 partitions, and now 8 partitions")
        }
        try stop(command, by: SIGINT) { text(draft).contains("finished") }
        #expect(try Imprag.succeed(["alias", "list", directory.path]).contains("wiki-1"))
        try stop(switching) { isThere(new + "/manifest.json") }
        try stop(switching) { text(old + "/manifest.json").contains("isClosed") }
        try stop(switching) { text(directory.file("alias/wiki")).contains("wiki-2") }
        try Imprag.succeed(switching)
        #expect(try Imprag.succeed(switching).contains("nothing is left to do"))
        #expect(try Imprag.succeed(["alias", "list", directory.path]).contains("wiki-2"))
        #expect(try Imprag.succeed(["snapshot", "list", old]).contains("no snapshots"))
        try expectClean(old)
        try expectClean(new)
        let cluster = try RunningCluster(model: model, index: new, socket: directory.file("c"))
        let found = try Found(
            cluster.run(["search", "What is the capital of Peru?", "--k", "5", "--json", "--collection", "wiki"]))
        #expect(found.complete && found.ids.count == 5)
        #expect(try cluster.run(["delete", found.ids[0], "--wait", "found"]).output.contains("1 of 1 deleted"))
    }

    @Test("index that was killed goes on with its own options alone, and with another size of codes as a whole")
    func index() throws {
        let out = directory.file("index")
        let corpus = try corpus(passages: 3000)
        let options = ["--corpus", corpus, "--out", out]
        let command = ["index", "--model", CommandLineTests.model] + options
        try stop(command + ["--code-bytes", "32"]) { isThere(out + "/partition-0001/CURRENT") }
        // Unless it was faster.
        if isThere(out + "/job.json") {
            let model = directory.file("other-model")
            try FileManager.default.copyItem(atPath: CommandLineTests.model, toPath: model)
            let weights = URL(filePath: model + "/model.safetensors")
            var bytes = try Data(contentsOf: weights)
            bytes[bytes.count - 2] ^= 1
            try FileManager.default.removeItem(at: weights)
            try bytes.write(to: weights)
            let unfinished = "holds an unfinished index of something else"
            try expectRefusal(["index", "--model", model] + options, unfinished, "the model is")
            try expectRefusal(command + ["--partitions", "4"], unfinished, "the number of partitions is 2, now 4")
            try expectRefusal(command + ["--words", "50"], unfinished, "the words per passage are 100, now 50")
            _ = try self.corpus(passages: 3000, skipped: 1)
            try expectRefusal(command, unfinished, "is not the file that was read then")
            _ = try self.corpus(passages: 3000)
        }
        try stop(command + ["--code-bytes", "128"]) { isThere(out + "/checkpoint/0000") }
        try Imprag.succeed(command + ["--code-bytes", "32"])
        try expectRefusal(command + ["--code-bytes", "64"], "the codes of its vectors take 32 bytes each, now 64")
        try expectClean(out)
    }

    @Test(
        "a worker that was killed goes on with its own part alone, and what other workers made of something else is not joined"
    )
    func parts() throws {
        let out = directory.file("index")
        let corpus = try corpus(passages: 1500)
        let command = ["index", "--model", CommandLineTests.model, "--corpus", corpus, "--out", out, "--part"]
        try stop(command + ["1/2"]) { isThere(out + "/part-0001-of-0002/job.json") }
        if isThere(out + "/part-0001-of-0002/job.json") {
            try expectRefusal(command + ["1/2", "--partitions", "3"], "the number of partitions is 2, now 3")
            try expectRefusal(["merge", "--model", CommandLineTests.model, "--out", out], "part")
        }
        try Imprag.succeed(command + ["1/2"])
        try Imprag.succeed(command + ["2/2", "--partitions", "3"])
        try expectRefusal(["merge", "--model", CommandLineTests.model, "--out", out], "the number of partitions is")
        try Imprag.succeed(command + ["2/2", "--force"])
        try stop(["merge", "--model", CommandLineTests.model, "--out", out]) {
            isThere(out + "/partition-0001/CURRENT")
        }
        try Imprag.succeed(["merge", "--model", CommandLineTests.model, "--out", out])
        try expectClean(out)
    }
}
