import Foundation
import TestSupport
import Testing

/// Indexing and updates on a disk without room.
@Suite(.serialized)
struct FullDiskTests {
    private static let corpus = SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl"

    private static func lines(_ count: Int, from first: Int = 0) throws -> String {
        try String(contentsOfFile: corpus, encoding: .utf8).split(separator: "\n")[first..<(first + count)]
            .joined(separator: "\n") + "\n"
    }

    @Test("updates on a full disk are refused with figures, nothing is lost, and they go on when there is room")
    func updates() throws {
        guard let disk = try SmallDisk(mebibytes: 600) else { return }
        let directory = try TemporaryDirectory()
        let (few, index) = (directory.file("few.jsonl"), disk.directory.file("index"))
        try Self.lines(200).write(toFile: few, atomically: true, encoding: .utf8)
        let indexed = try Imprag.run(
            ["index", "--model", CommandLineTests.model, "--corpus", few, "--out", index, "--partitions", "1"])
        try #require(indexed.status == 0, "\(indexed.errors)")
        let cluster = try RunningCluster(
            model: CommandLineTests.model, index: index, socket: directory.file("c"))
        let more = directory.file("more.jsonl")
        try Self.lines(100, from: 300).write(toFile: more, atomically: true, encoding: .utf8)
        let taken = try cluster.run(["upsert", "--file", more, "--wait", "found"])
        #expect(taken.output.contains("100 passages new, 0 replaced"), "\(taken.output)\(taken.errors)")

        try disk.fill(leaving: 100)
        let rest = directory.file("rest.jsonl")
        try Self.lines(100, from: 400).write(toFile: rest, atomically: true, encoding: .utf8)
        for refused in [
            try cluster.run(["upsert", "--file", rest, "--deadline", "900"]),
            try cluster.run(["delete", "country-pe"]),
        ] {
            #expect(refused.status == 1)
            #expect(refused.errors.contains("resource_exhausted"), "\(refused.errors)")
            #expect(refused.errors.contains("MiB left, and this update needs"), "\(refused.errors)")
        }
        // Searches go on, and so does the shard when it is killed and started on the full disk.
        try cluster.killAndAwait("shard-0")
        #expect(try cluster.run(["status", "--json"]).output.contains(#""passages":300"#))
        _ = try Found(cluster.run(["search", "What is the capital of Peru?", "--json"]))

        // An upsert that waits for room goes on by itself.
        let waiting = try RunningProcess(
            Imprag.path, ["upsert", "--file", rest, "--wait", "found", "--endpoint", cluster.endpoint])
        #expect(waiting.waits(seconds: 20) { $0.standardError.contains("waiting for room: ") })
        try disk.makeRoom()
        let again = try waiting.wait(seconds: 40)
        #expect(again.output.contains("100 passages new, 0 replaced"), "\(again.output)\(again.errors)")
    }

    @Test("indexing on a disk that fills up stops with figures, and the same command goes on when there is room")
    func indexing() throws {
        guard let disk = try SmallDisk(mebibytes: 600) else { return }
        let arguments = [
            "index", "--model", CommandLineTests.model, "--corpus", Self.corpus, "--out",
            disk.directory.file("index"), "--partitions", "1",
        ]
        let process = try RunningProcess(Imprag.path, arguments)
        #expect(process.waits(seconds: 180) { $0.standardError.contains("embedding") })
        // So that the disk is full before all passages are embedded, on however many cores.
        process.kill(SIGSTOP)
        try disk.fill(leaving: 20)
        process.kill(SIGCONT)
        let outcome = try process.wait(seconds: 180)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("resource_exhausted"), "\(outcome.errors)")
        #expect(outcome.errors.contains("left, and indexing needs"), "\(outcome.errors)")
        let refused = try Imprag.run(arguments)
        #expect(refused.status == 1 && refused.errors.contains("same command"), "\(refused.errors)")
        try disk.makeRoom()
        let resumed = try Imprag.run(arguments)
        #expect(resumed.status == 0, "\(resumed.errors)")
        let count = try String(contentsOfFile: Self.corpus, encoding: .utf8).split(separator: "\n").count
        #expect(resumed.output.contains("\(count) passages in 1 partition"), "\(resumed.output)\(resumed.errors)")
    }
}
