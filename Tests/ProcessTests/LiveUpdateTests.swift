import Foundation
import TestSupport
import Testing

/// Changes of a running cluster's index, as users make them.
@Suite(.serialized)
struct LiveUpdateTests {
    static let model = CommandLineTests.model
    static let question = "What is the capital of Peru?"

    /// What `makeIndex` copies: made once for all tests.
    private static let made = Result {
        let directory = try TemporaryDirectory()
        let corpus = directory.file("corpus.jsonl")
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n")
        try (lines.prefix(300) + lines.filter { $0.contains(#""id": "country-pe""#) }).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        try Imprag.succeed([
            "index", "--model", model, "--corpus", corpus, "--out", directory.file("index"), "--partitions", "2",
        ])
        return directory
    }

    /// An index of some hundred passages in two partitions, and beside it its corpus.
    static func makeIndex(_ directory: TemporaryDirectory) throws -> String {
        try directory.copy(["corpus.jsonl", "index"], of: made.get())
        return directory.file("index")
    }

    private static func found(
        _ cluster: RunningCluster, k: Int = 2, filter: String? = nil
    ) throws -> Found {
        let words = ["search", question, "--json", "--k", String(k)] + (filter.map { ["--filter", $0] } ?? [])
        return try Found(cluster.run(words))
    }

    @Test(
        "what is upserted is found at once, with and without a filter; what is deleted stays away, also after kill -9")
    func updates() throws {
        let directory = try TemporaryDirectory()
        let cluster = try RunningCluster(
            model: Self.model, index: Self.makeIndex(directory), socket: directory.file("c"))
        let peru = try #require(try Self.found(cluster).passages.first { $0.id == "country-pe" })
        // The same text under an id that needs care, with metadata of every kind.
        let id = #"odd id/ü#1 "x""#
        let metadata: [String: Any] = ["lang": "zz", "year": 2001, "tags": ["river", "höhe"]]
        func line(_ text: String) throws -> String {
            let fields: [String: Any] = ["id": id, "title": "Peru", "text": text, "metadata": metadata]
            return String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
        }
        let inserted = try cluster.run(["upsert", "--file", "-", "--wait", "found"], input: line(peru.text))
        #expect(inserted.output == "epoch 1: 1 passage new, 0 replaced\n", "\(inserted.errors)")
        #expect(Set(try Self.found(cluster).ids) == ["country-pe", id])
        for filter in [
            #"{"field":"lang","equals":"zz"}"#, #"{"field":"lang","in":["en","zz"]}"#,
            #"{"field":"tags","equals":"höhe"}"#, #"{"field":"year","at_least":2001,"below":2002}"#,
            #"{"all":[{"field":"lang","equals":"zz"},{"not":{"field":"year","above":2001}}]}"#,
        ] {
            #expect(try Self.found(cluster, filter: filter).ids == [id], "\(filter)")
        }
        #expect(try !Self.found(cluster, filter: #"{"not":{"field":"lang","equals":"zz"}}"#).ids.contains(id))
        #expect(try Self.found(cluster, filter: #"{"field":"lang","equals":"ZZ"}"#).ids.isEmpty)

        // Without waiting: the search that wants the epoch waits.
        let replaced = try cluster.run(["upsert", "--file", "-"], input: line(peru.text + " It was replaced."))
        #expect(replaced.output.hasPrefix("1 passage is durable at epoch 2;"), "\(replaced.output)\(replaced.errors)")
        let waited = try Found(
            cluster.run([
                "search", Self.question, "--json", "--filter", #"{"field":"year","equals":2001}"#, "--min-epoch", "2",
            ]))
        #expect(waited.passages.map(\.text) == [peru.text + " It was replaced."])
        let deleted = try cluster.run(["delete", "country-pe", "nobody", "--wait", "found"])
        #expect(deleted.output == "epoch 3: 1 of 2 deleted\n", "\(deleted.errors)")
        for _ in 0..<2 {
            #expect(try !Self.found(cluster, k: 40).ids.contains("country-pe"))
            let now = try Self.found(cluster, filter: #"{"field":"year","equals":2001}"#)
            #expect(now.passages.map(\.text) == [peru.text + " It was replaced."] && now.ids == [id])
            for shard in ["shard-0", "shard-1"] { try cluster.killAndAwait(shard) }
        }
        #expect(try cluster.run(["delete", id, "--wait", "found"]).output == "epoch 4: 1 of 1 deleted\n")
        #expect(try Self.found(cluster, filter: #"{"field":"lang","equals":"zz"}"#).ids.isEmpty)

        let status = try cluster.run(["status"])
        let head = status.output.split(separator: "\n").first ?? ""
        for column in ["epoch", "unindexed", "index", "recall"] { #expect(head.contains(column)) }
    }

    @Test(
        "what was acknowledged is there again after every replica was deleted"
    )
    func lostReplicas() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.makeIndex(directory)
        var cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
        let line = #"{"id":"new","title":"Peru","text":"Lima is there.","metadata":{"lang":"zz"}}"#
        #expect(try cluster.run(["upsert", "--file", "-"], input: line).status == 0)
        #expect(try cluster.run(["delete", "country-pe"]).output.contains("durable at epoch 2"))
        cluster.process.kill(SIGINT)
        _ = try cluster.process.wait(seconds: 20)
        for number in 0..<2 { try FileManager.default.removeItem(atPath: index + "/partition-000\(number)") }
        cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
        #expect(try Self.found(cluster, filter: #"{"field":"lang","equals":"zz"}"#).ids == ["new"])
        #expect(try !Self.found(cluster, k: 40).ids.contains("country-pe"))
        #expect(cluster.process.standardError.contains("fetched from its checkpoint at epoch 0"))
    }

    @Test("one cluster at a time writes an index; the second is told how to go on, and read-only ones share it")
    func sharing() throws {
        let directory = try TemporaryDirectory()
        let index = try Self.makeIndex(directory)
        let writer = try RunningCluster(model: Self.model, index: index, socket: directory.file("a"))
        let second = try RunningCluster(model: Self.model, index: index, socket: directory.file("b"), ready: false)
        let outcome = try second.process.wait(seconds: 30)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is open for writing in another process"), "\(outcome.errors)")
        #expect(outcome.errors.contains(#""read_only": true"#), "\(outcome.errors)")

        // The files of a cluster that takes updates are not taken from under it.
        let forced = try Imprag.run([
            "index", "--model", Self.model, "--corpus", directory.file("corpus.jsonl"), "--out", index, "--partitions",
            "2",
            "--force",
        ])
        #expect(forced.status == 1)
        #expect(forced.errors.contains("stop the cluster first"), "\(forced.errors)")

        let readers = try ["b", "d"].map {
            try RunningCluster(model: Self.model, index: index, socket: directory.file($0), ["--read-only"])
        }
        for reader in readers {
            #expect(try Self.found(reader).ids.contains("country-pe"))
            for refused in [
                try reader.run(["delete", "country-pe"]),
                try reader.run(["upsert", "--file", "-"], input: #"{"id":"a","text":"b"}"#),
            ] {
                #expect(refused.status == 1)
                #expect(refused.errors.contains("failed_precondition"), "\(refused.errors)")
                #expect(refused.errors.contains("read_only"), "\(refused.errors)")
            }
        }
        #expect(
            try writer.run(["delete", "country-pe", "--wait", "found"]).output == "epoch 1: 1 of 1 deleted\n")
    }

    @Test("Ctrl-C during an upsert says what was taken, and the same file may be sent again")
    func interrupted() throws {
        let directory = try TemporaryDirectory()
        let cluster = try RunningCluster(
            model: Self.model, index: Self.makeIndex(directory), socket: directory.file("c"))
        let file = directory.file("many.jsonl")
        let lines = (0..<12_000).map { #"{"id":"m\#($0)","text":"Line \#($0) of many."}"# }
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let process = try RunningProcess(
            Imprag.path, ["upsert", "--file", file, "--endpoint", cluster.endpoint])
        #expect(process.waits(seconds: 30) { $0.standardError.contains("passages/s") })
        process.kill(SIGINT)
        let outcome = try process.wait(seconds: 10)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("before that: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("same file"), "\(outcome.errors)")
        let again = try cluster.run(["upsert", "--file", file, "--wait", "found", "--json"])
        struct Counts: Decodable {
            let inserted: Int
            let replaced: Int
        }
        let counts = try JSONDecoder().decode(Counts.self, from: Data(again.output.utf8))
        #expect(counts.inserted + counts.replaced == 12_000 && counts.replaced > 0)
    }
}
