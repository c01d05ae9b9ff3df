import Foundation
import TestSupport
import Testing

/// `imprag index --part` and `imprag merge` as processes.
@Suite(.serialized)
struct PartitionCommandTests {
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"
    private static let encyclopedia = SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl"

    /// The first `passages` of the encyclopedia, and one of them again.
    private static func corpus(in directory: TemporaryDirectory, passages: Int) throws -> String {
        let lines = try String(contentsOfFile: encyclopedia, encoding: .utf8).split(separator: "\n").prefix(passages)
        let path = directory.file("corpus.jsonl")
        let text = (lines + lines.prefix(1)).joined(separator: "\n") + "\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func index(_ corpus: String, _ out: String, _ more: [String] = []) -> [String] {
        ["index", "--model", model, "--corpus", corpus, "--out", out, "--partitions", "2"] + more
    }

    private static func merge(_ out: String, _ more: [String] = []) -> [String] {
        ["merge", "--model", model, "--out", out] + more
    }

    /// What an index says of itself, but for its name and the checksum over that.
    private static func manifest(_ out: String) throws -> String {
        try String(contentsOfFile: out + "/manifest.json", encoding: .utf8).split(separator: "\n").filter { line in
            !line.hasPrefix(#"  "collection" : "#) && !line.hasPrefix(#"  "checksum" : "#)
        }.joined(separator: "\n")
    }

    @Test("workers side by side, one of them killed and started again, make the index that one process makes")
    func workers() throws {
        let directory = try TemporaryDirectory()
        let corpus = try Self.corpus(in: directory, passages: 4000)
        let (whole, parts) = (directory.file("whole"), directory.file("parts"))
        let reference = try Imprag.run(Self.index(corpus, whole), seconds: 120)
        #expect(reference.status == 0, "\(reference.errors)")

        func start(_ number: Int) throws -> RunningProcess {
            try RunningProcess(Imprag.path, Self.index(corpus, parts, ["--part", "\(number)/3"]))
        }
        let workers = try (1...3).map(start)
        let begun = workers[1].waits(seconds: 60) { _ in
            FileManager.default.fileExists(atPath: parts + "/part-0002-of-0003/partition-0000")
        }
        #expect(begun)
        workers[1].kill(SIGKILL)
        _ = try workers[1].wait(seconds: 5)
        let early = try Imprag.run(Self.merge(parts), seconds: 60)
        #expect(early.status == 1 && early.errors.contains("part-0002-of-0003 is not finished"), "\(early.errors)")
        let unserved = try Imprag.run(["up", "--model", Self.model, "--index", parts], seconds: 60)
        #expect(unserved.status == 1 && unserved.errors.contains("imprag merge"), "\(unserved.errors)")
        for worker in [workers[0], workers[2], try start(2)] {
            let outcome = try worker.wait(seconds: 120)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("1 duplicate") && outcome.output.contains("imprag merge"))
        }

        let merging = try RunningProcess(Imprag.path, Self.merge(parts))
        let hasBegun = merging.waits(seconds: 60) { _ in
            FileManager.default.fileExists(atPath: parts + "/partition-0000")
        }
        #expect(hasBegun)
        merging.kill(SIGKILL)
        _ = try merging.wait(seconds: 5)
        let merged = try Imprag.run(Self.merge(parts), seconds: 120)
        #expect(merged.status == 0, "\(merged.errors)")
        #expect(try Self.manifest(parts) == Self.manifest(whole))

        let again = try Imprag.run(Self.index(corpus, parts, ["--part", "3/3"]))
        #expect(again.status == 0 && again.output.contains("part 3/3 of \(parts) is already complete"))
    }

    @Test("--part takes I/N only, and leaves what is about the whole index to `imprag merge`")
    func usage() throws {
        let directory = try TemporaryDirectory()
        for (words, expected) in [
            (["--part", "0/3"], "I from 1 to N"), (["--part", "4/3"], "I from 1 to N"),
            (["--part", "2"], "I from 1 to N"), (["--part=-1/3"], "I from 1 to N"),
            (["--part", "1/3", "--recall", "0.9"], "--recall is about the whole index"),
            (["--part", "1/3", "--questions", "absent"], "--questions is about the whole index"),
        ] {
            let outcome = try Imprag.run(Self.index(Self.encyclopedia, directory.file("out"), words))
            #expect(outcome.status == 2 && outcome.errors.contains(expected), "\(outcome.errors)")
        }
        let missing = try Imprag.run(Self.merge(directory.file("out")))
        #expect(missing.status == 1 && missing.errors.contains("neither is nor holds a part"), "\(missing.errors)")
        #expect(!FileManager.default.fileExists(atPath: directory.file("out")))
    }
}
