import Foundation
import Synchronization
import TestSupport
import Testing

/// Two clusters of real processes side by side, and an alias that moves from the collection of one to that of the
/// other.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct AliasTests {
    private static let question = "What is the capital of Peru?"

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The collection `name`, of 300 passages in two partitions.
    private func index(_ name: String, model: String) throws -> String {
        let lines = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8
        ).split(separator: "\n")
        let corpus = directory.file("corpus.jsonl")
        let peru = lines.filter { $0.contains(#""id": "country-pe""#) }
        try (peru + lines.filter { !peru.contains($0) }.prefix(299)).joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file(name)
        try Imprag.succeed(["index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "2"])
        return index
    }

    /// The shipped model with one weight changed in its last bit: another model, with another fingerprint.
    private func otherModel() throws -> String {
        let path = directory.file("other-model")
        try FileManager.default.copyItem(atPath: CommandLineTests.model, toPath: path)
        let weights = URL(filePath: path + "/model.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 2] ^= 1
        try FileManager.default.removeItem(at: weights)
        try bytes.write(to: weights)
        return path
    }

    /// What clients did that ran until they were stopped.
    private final class Load: Sendable {
        private let isStopped = Atomic(false)
        private let failures = Mutex<[String]>([])
        private let count = Atomic(0)
        private let group = DispatchGroup()

        /// - Parameter request: the number of the request; a command line, and its input.
        init(clients: Int, _ request: @escaping @Sendable (Int) -> (arguments: [String], input: String)) {
            for _ in 0..<clients {
                group.enter()
                DispatchQueue.global().async { [self] in
                    while !isStopped.load(ordering: .relaxed) {
                        let number = count.add(1, ordering: .relaxed).newValue
                        let (arguments, input) = request(number)
                        do {
                            let outcome = try Imprag.run(arguments, input: input, seconds: 60)
                            if outcome.status != 0 { failures.withLock { $0.append(outcome.errors) } }
                        } catch {
                            failures.withLock { $0.append("\(error)") }
                        }
                    }
                    group.leave()
                }
            }
        }

        var sent: Int { count.load(ordering: .relaxed) }

        /// Lets the clients go on until they have sent `more` requests from now on.
        func run(_ more: Int) throws {
            let end = sent + more
            let limit = Date(timeIntervalSinceNow: 120)
            while sent < end {
                try #require(Date() < limit, "the clients do not get on")
                Thread.sleep(forTimeInterval: 0.02)
            }
        }

        func stop() -> [String] {
            isStopped.store(true, ordering: .relaxed)
            group.wait()
            return failures.withLock { $0 }
        }
    }

    @Test("the collection of a new model takes an alias over under load, and no request fails")
    func newModel() throws {
        let model = try otherModel()
        let (old, new) = (
            try index("wiki-1", model: CommandLineTests.model), try index("wiki-2", model: model)
        )
        #expect(try Imprag.succeed(["alias", "set", directory.path, "wiki", "wiki-1"]) == "wiki stands for wiki-1\n")
        let first = try RunningCluster(model: CommandLineTests.model, index: old, socket: directory.file("a"))
        let second = try RunningCluster(model: model, index: new, socket: directory.file("b"))
        let client = ["--endpoint", "\(first.endpoint),\(second.endpoint)", "--collection"]
        let load = Load(clients: 3) { _ in (["search", Self.question, "--k", "3", "--json"] + client + ["wiki"], "") }
        try load.run(20)
        #expect(
            try Imprag.succeed(["alias", "set", directory.path, "wiki", "wiki-2", "--expect", "wiki-1"])
                == "wiki stands for wiki-2, and no longer for wiki-1\n")
        try load.run(20)
        Thread.sleep(forTimeInterval: 1.2)
        // By now nobody else answers by that name.
        let alone = try Imprag.run(["status", "--endpoint", first.endpoint, "--collection", "wiki"])
        #expect(alone.status == 1 && alone.errors.contains("serves the collection wiki-1"), "\(alone.errors)")
        try load.run(20)
        #expect(load.stop() == [])
        for (name, cluster) in [("wiki-1", first), ("wiki-2", second)] {
            _ = try Found(cluster.run(["search", Self.question, "--json", "--collection", name]))
        }
        let late = try Imprag.run(["alias", "set", directory.path, "wiki", "wiki-1", "--expect", "wiki-1"])
        #expect(late.status == 1 && late.errors.contains("stands for wiki-2"), "\(late.errors)")
        #expect(try Imprag.succeed(["alias", "list", directory.path]).contains("wiki-2"))
        try Imprag.succeed(["alias", "delete", directory.path, "wiki"])
        Thread.sleep(forTimeInterval: 1.2)
        let gone = try Imprag.run(["search", Self.question] + client + ["wiki"])
        #expect(gone.status == 1 && gone.errors.contains("none of 2 coordinators"), "\(gone.errors)")
    }

    @Test(
        "a collection is spread over more partitions while it is written to: no update fails, and all are found afterwards"
    )
    func reshard() throws {
        let model = CommandLineTests.model
        let (old, new) = (try index("wiki-1", model: model), directory.file("wiki-2"))
        try Imprag.succeed(["alias", "set", directory.path, "wiki", "wiki-1"])
        let first = try RunningCluster(model: model, index: old, socket: directory.file("a"))
        let endpoints = "\(first.endpoint),ipc://\(directory.file("b"))"
        let load = Load(clients: 2) { number in
            let line = #"{"id":"new-\#(number)","title":"","text":"Lima, \#(number)","metadata":{"n":\#(number)}}"#
            return (["upsert", "--file", "-", "--endpoint", endpoints, "--collection", "wiki"], line)
        }
        try load.run(10)
        let command = ["reshard", old, new, "--partitions", "4"]
        let made = try Imprag.succeed(command)
        #expect(made.contains("it follows \(old)"), "\(made)")
        let second = try RunningCluster(model: model, index: new, socket: directory.file("b"))
        try load.run(10)
        #expect(try Imprag.succeed(command + ["--alias", "wiki"]).contains("wiki stands for it, and \(old) is closed"))
        try load.run(20)
        #expect(load.stop() == [])
        // Searches bring at most 100 passages.
        var ids: Set<String> = []
        for start in stride(from: 1, through: load.sent, by: 100) {
            let filter = #"{"field":"n","at_least":\#(start),"below":\#(start + 100)}"#
            let found = try second.run(
                ["search", "Lima", "--k", "100", "--exact", "--json", "--filter", filter, "--collection", "wiki"])
            ids.formUnion(try Found(found).ids)
        }
        #expect(ids == Set((1...load.sent).map { "new-\($0)" }))
        #expect(try Imprag.succeed(["verify", new, "--deep"]).contains("all as they were written"))
        let closed = try first.run(["delete", "country-pe"])
        #expect(closed.status == 1 && closed.errors.contains("takes no updates"), "\(closed.errors)")
    }
}
