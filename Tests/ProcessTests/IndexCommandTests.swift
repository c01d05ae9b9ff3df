import Core
import Foundation
import Platform
import TestSupport
import Testing

/// `imprag index` as a process: killed, resumed, and fed with damaged corpora.
@Suite(.serialized)
struct IndexCommandTests {
    static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"

    private struct Line: Codable {
        var id: String
        var title: String
        var text: String
    }

    /// Some passages of the encyclopedia, the first of them once more with another text at the end.
    private static func corpus(in directory: TemporaryDirectory, passages: Int) throws -> String {
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n").prefix(passages)
        var line = try JSONDecoder().decode(Line.self, from: Data((lines.first ?? "").utf8))
        line.text = "It was replaced."
        let again = try JSONEncoder().encode(line)
        let path = directory.file("corpus.jsonl")
        try (lines.joined(separator: "\n") + "\n" + String(decoding: again, as: UTF8.self) + "\n")
            .write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func arguments(_ corpus: [String], _ out: String, _ more: [String] = []) -> [String] {
        ["index", "--model", model, "--corpus"] + corpus + ["--out", out, "--partitions", "2"] + more
    }

    /// What the manifest says of the contents: the checksum of every partition, over its rows in order.
    private static func checksums(_ out: String) throws -> [String] {
        struct Manifest: Decodable {
            struct Partition: Decodable {
                let checksum: String
                let passages: Int
            }
            let partitions: [Partition]
        }
        let json = try Data(contentsOf: URL(filePath: out + "/manifest.json"))
        return try JSONDecoder().decode(Manifest.self, from: json).partitions.map {
            "\($0.passages) \($0.checksum)"
        }
    }

    @Test("kill -9 at random moments, then the same command again: the same index as without any kill")
    func killedAndResumed() throws {
        let directory = try TemporaryDirectory()
        let corpus = try Self.corpus(in: directory, passages: 600)
        let whole = try Imprag.run(Self.arguments([corpus], directory.file("whole")), seconds: 120)
        #expect(whole.status == 0, "\(whole.errors)")
        #expect((whole.output + whole.errors).contains("1 duplicate"), "\(whole.output)\(whole.errors)")

        var random = SeededGenerator(seed: 3)
        var kills = 0
        var finished = false
        while !finished {
            let process = try RunningProcess(Imprag.path, Self.arguments([corpus], directory.file("killed")))
            let milliseconds = Int.random(in: 20...(400 + 200 * kills), using: &random)
            if process.waits(seconds: Double(milliseconds) / 1000, for: { !$0.isRunning }) {
                let outcome = try process.wait(seconds: 1)
                #expect(outcome.status == 0, "\(outcome.errors)")
                finished = true
            } else {
                process.kill(SIGKILL)
                _ = try process.wait(seconds: 5)
                kills += 1
            }
        }
        #expect(kills > 0)
        #expect(try Self.checksums(directory.file("killed")) == Self.checksums(directory.file("whole")))

        let again = try Imprag.run(Self.arguments([corpus], directory.file("killed")))
        #expect(again.status == 0)
        #expect((again.output + again.errors).contains("complete"), "\(again.output)\(again.errors)")
    }

    @Test("Ctrl-C stops within a moment, says how to go on, and the same command goes on")
    func interrupted() throws {
        let directory = try TemporaryDirectory()
        let corpus = try Self.corpus(in: directory, passages: 14_000)
        let process = try RunningProcess(Imprag.path, Self.arguments([corpus], directory.file("index")))
        #expect(
            process.waits(seconds: 60) { $0.standardError.contains("passages/s") || $0.standardError.contains("embed") }
        )
        process.kill(SIGINT)
        let outcome = try process.wait(seconds: 20)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("same command"), "\(outcome.errors)")
    }

    @Test("a damaged corpus stops with file and line; --skip-bad goes on and counts", .timeLimit(.minutes(5)))
    func badLines() throws {
        let directory = try TemporaryDirectory()
        let good = #"{"id":"a","title":"T","text":"one two"}"# + "\n"
        let bad: [(name: String, bytes: Data, line: String)] = [
            ("missing.jsonl", Data((good + #"{"id":"b"}"# + "\n").utf8), "2"),
            ("utf8.jsonl", Data(good.utf8) + Data([0x7B, 0x22, 0xFF, 0x22, 0x7D, 0x0A]), "2"),
            ("long.jsonl", Data(good.utf8) + Data(repeating: 0x61, count: 50 << 20) + Data("\n".utf8), "2"),
            (
                "empty-texts.jsonl",
                Data((good + String(repeating: #"{"id":"e","text":""}"# + "\n", count: 1000)).utf8), "2"
            ),
        ]
        for (name, bytes, line) in bad {
            let path = directory.file(name)
            try bytes.write(to: URL(filePath: path))
            let strict = try Imprag.run(Self.arguments([path], directory.file(name + ".out")))
            #expect(strict.status == 1)
            #expect(strict.errors.contains("\(name)") && strict.errors.contains(line), "\(strict.errors)")
            let lenient = try Imprag.run(Self.arguments([path], directory.file(name + ".skipped"), ["--skip-bad"]))
            #expect(lenient.status == 0, "\(lenient.errors)")
            #expect((lenient.output + lenient.errors).contains("bad line"), "\(lenient.errors)")
        }
    }

    @Test("an empty corpus, a truncated gzip and a file that is not there are refused by name")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let empty = directory.file("empty.jsonl")
        try Data().write(to: URL(filePath: empty))
        let truncated = directory.file("truncated.jsonl.gz")
        let gzip = try RunningProcess("/bin/sh", ["-c", "seq 1 20000 | gzip | head -c 5000 > '\(truncated)'"])
        _ = try gzip.wait(seconds: 10)
        for path in [empty, truncated, directory.file("absent.jsonl")] {
            let outcome = try Imprag.run(Self.arguments([path], directory.file("out")))
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(path), "\(outcome.errors)")
        }
    }

    @Test("a directory of Markdown is indexed; bad files are named or counted, and headings are found by a filter")
    func directory() throws {
        let directory = try TemporaryDirectory()
        let notes = directory.file("notes")
        try FileManager.default.createDirectory(atPath: notes + "/deep", withIntermediateDirectories: true)
        func write(_ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: URL(filePath: notes + "/" + name))
        }
        let long = String(repeating: "supercalifragilistic", count: 200)
        try write("deep/peru.md", Array("# Peru\n## Capital\nIt is Lima.\n## Coast\nIt is long: \(long)\n".utf8))
        try write("chile.txt", Array("The capital of Chile is Santiago.".utf8))
        try write("latin.txt", [0x63, 0x61, 0x66, 0xE9])
        try write("map.png", [0x89])
        let index = directory.file("index")
        let strict = try Imprag.run(Self.arguments([notes], index))
        #expect(strict.status == 1)
        #expect(strict.errors.contains("latin.txt:1: the line is not UTF-8"), "\(strict.errors)")
        let lenient = try Imprag.run(Self.arguments([notes], index, ["--skip-bad"]))
        #expect(lenient.status == 0, "\(lenient.errors)")
        for line in [
            "3 passages", "of 2 documents", "1 bad line", "1 passage of these has more tokens", "1 file other than",
        ] {
            #expect(lenient.output.contains(line), "\(lenient.output)")
        }
        let cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
        let filter = #"{"all":[{"field":"section","equals":"Capital"},{"field":"path","equals":"deep/peru.md"}]}"#
        let found = try Found(cluster.run(["search", "What is the capital?", "--json", "--filter", filter]))
        #expect(found.ids == ["deep/peru.md#0"])
        #expect(found.passages.first?.text == "It is Lima.")
    }
}
