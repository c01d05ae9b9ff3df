import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import Testing
import Wire

@testable import Coordinator

@Suite(.simulated) struct UpdateTests {
    private func upsert(
        _ cluster: FakeCluster, _ passages: [Passage], milliseconds: Int = 30_000
    ) async throws(ImpRAGError) -> UpsertReply {
        let reply = try await cluster.coordinator.call(
            .upsert(UpsertRequest(passages: passages)), deadline: .inTest(milliseconds: milliseconds))
        guard case .upsert(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return done
    }

    private func delete(_ cluster: FakeCluster, _ ids: [String]) async throws(ImpRAGError) -> Int {
        let reply = try await cluster.coordinator.call(
            .delete(DeleteRequest(ids: ids)), deadline: .inTest())
        guard case .delete(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return done.deleted
    }

    private func passages(_ count: Int) -> [Passage] {
        (0..<count).map { Passage(id: "id-\($0)", title: "", text: String(repeating: "x", count: $0 + 1)) }
    }

    @Test("an upsert embeds in batches, and every shard gets the passages of its partitions with their own vectors")
    func upsert() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let all = passages(150)
        let reply = try await upsert(cluster, all)
        #expect(reply.inserted + reply.replaced == 150)
        #expect(cluster.encoder.embedded.withLock { $0 } == [64, 64, 22])
        var expected: [String: [String: Float]] = [:]
        for (place, passage) in all.enumerated() {
            let shard = PartitionRouting.partition(of: passage.id, partitionCount: 2)
            expected["shard-\(shard)", default: [:]][passage.id] = Float(place + 1)
        }
        #expect(expected.count == 2)
        #expect(cluster.stored.withLock { $0 } == expected)
        #expect(try await delete(cluster, ["id-3", "id-4", "id-5", "nowhere"]) == 3)
        #expect(cluster.stored.withLock { $0.values.reduce(0) { $0 + $1.count } } == 147)
    }

    @Test("one shard that fails is named with its code; the others keep their part, and the error says to repeat")
    func failure() async throws {
        let full = ImpRAGError(.resourceExhausted, "the disk is full")
        let cluster = try FakeCluster(shards: [.normal, .fails(full)])
        defer { cluster.stop() }
        let error = await #expect(throws: ImpRAGError.self) { try await upsert(cluster, passages(20)) }
        #expect(error?.code == .resourceExhausted)
        let message = error?.message ?? ""
        #expect(message.contains("shard-1: the disk is full"), "\(message)")
        #expect(message.contains("may have taken their part") && message.contains("may be repeated"), "\(message)")
        #expect(cluster.stored.withLock { $0["shard-0"]?.isEmpty } == false)
        let gone = await #expect(throws: ImpRAGError.self) { try await delete(cluster, (0..<20).map { "id-\($0)" }) }
        #expect(gone?.message.contains("shard-1") == true)
    }

    @Test("an absent shard fails the update in time, and one of another model before anything is written")
    func unusable() async throws {
        let absent = try FakeCluster(shards: [.normal, .absent])
        defer { absent.stop() }
        let missing = await #expect(throws: ImpRAGError.self) { try await upsert(absent, passages(20)) }
        #expect(missing?.message.contains("shard-1") == true, "\(missing?.message ?? "")")
        let mixed = try FakeCluster(shards: [.normal, .otherModel])
        defer { mixed.stop() }
        try await SimulatedTest.wait { mixed.peers.membership.withLock { $0.member("shard-1")?.state } != .unknown }
        let refused = await #expect(throws: ImpRAGError.self) { try await upsert(mixed, passages(20)) }
        #expect(refused?.code == .failedPrecondition)
        #expect(mixed.stored.withLock { $0.isEmpty })
        #expect(mixed.encoder.embedded.withLock { $0.isEmpty })
    }

    @Test("prompts are answered while passages are being embedded, and an abandoned update stops between batches")
    func besidePrompts() async throws {
        // Waiting for the thread and embedding a batch take 200 ms each.
        SimulatedTest.current?.world.jobMilliseconds["embed"] = 200...200
        let cluster = try FakeCluster(encoder: FakeEncoder(passageTime: .milliseconds(200)))
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let late = SimulatedTest.task {
            await #expect(throws: ImpRAGError.self) { try await upsert(cluster, passages(150), milliseconds: 500) }
        }
        #expect(try await cluster.ask(AskRequest(prompt: "ab", k: 1)).sources?.passages.count == 1)
        #expect(cluster.encoder.embedded.withLock { $0.isEmpty })
        #expect(try await late.value?.code == .deadlineExceeded)
        // After two batches the deadline has passed; the third is not begun.
        try await SimulatedTest.pass(milliseconds: 1000)
        #expect(cluster.encoder.embedded.withLock { $0 } == [64, 64])
        #expect(cluster.stored.withLock { $0.isEmpty })
    }

    @Test("passages that cannot be stored are refused by name before anything is embedded")
    func checks() async throws {
        let cluster = try FakeCluster(settings: ", \"max_update_passages\": 30")
        defer { cluster.stop() }
        let good = Passage(id: "a", title: "", text: "t")
        let cases: [([Passage], String)] = [
            ([], "0 passages; 1 to 30 (max_update_passages)"), (passages(31), "31 passages; 1 to 30"),
            ([good, good], "'a' stands twice"), ([Passage(id: "", title: "", text: "t")], "its id is empty"),
            ([good, Passage(id: "b", title: "B", text: " \n")], "passage 1 ('b'): its text is empty"),
            (
                [Passage(id: String(repeating: "i", count: 5000), title: "", text: "t")],
                "5000 bytes; at most 4096 are allowed"
            ),
        ]
        for (passages, reason) in cases {
            let error = await #expect(throws: ImpRAGError.self) { try await upsert(cluster, passages) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        let empty = await #expect(throws: ImpRAGError.self) { try await delete(cluster, ["a", ""]) }
        #expect(empty?.message.contains("id 1 is empty") == true)
        #expect(cluster.encoder.embedded.withLock { $0.isEmpty })
    }

    @Test("options reach the shards; those out of range are refused with everything that is wrong")
    func options() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let options = SearchOptions(
            isExact: true, recall: 0.97, probes: 8, candidates: 100, filter: .not(.equals(field: "lang", .string("de")))
        )
        let reply = try await cluster.coordinator.call(
            .search(SearchRequest(prompt: "ab", k: 1, options: options)), deadline: .inTest())
        guard case .search(let found) = reply.body else {
            Issue.record("\(reply.body.name)")
            return
        }
        #expect(found.isFiltered)
        #expect(cluster.lastOptions.withLock { $0 } == options)
        let answer = try await cluster.ask(AskRequest(prompt: "ab", options: options))
        #expect(answer.sources?.isFiltered == true)
        let error = await #expect(throws: ImpRAGError.self) {
            try await cluster.ask(AskRequest(prompt: "ab", k: 1000, options: SearchOptions(recall: 1, candidates: 0)))
        }
        #expect(error?.code == .invalidArgument)
        for part in ["k is 1000", "recall is 1.0", "candidates is 0"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
    }

    @Test("a shard that ignores a filter counts as failed, and is asked without one")
    func oldShard() async throws {
        let cluster = try FakeCluster(shards: [.normal, .old])
        defer { cluster.stop() }
        let filter = SearchOptions(filter: .equals(field: "lang", .string("en")))
        let error = await #expect(throws: ImpRAGError.self) {
            try await cluster.ask(AskRequest(prompt: "ab", options: filter))
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("shard-1: it ignored the filter") == true, "\(error?.message ?? "")")
        let partial = try await cluster.ask(AskRequest(prompt: "ab", completeness: .partial, options: filter))
        #expect(partial.sources?.passages.allSatisfy { $0.passage.id.hasPrefix("shard-0/") } == true)
        #expect(try await cluster.ask(AskRequest(prompt: "ab")).sources?.completeness.isComplete == true)
    }

    @Test("a plan sends each id to its partition's shard, in parts that fit a frame")
    func plan() {
        func collection(_ owners: [[String]]) -> Topology.Collection {
            Topology(version: 1, nodes: [], owners: owners).collection
        }
        let ids = (0..<1000).map { "id-\($0)" }
        let plan = UpdatePlan(
            ids: ids, bytes: ids.map { _ in 100 }, to: collection([["x"], ["y"], ["x"]]), vectorBytes: 64 << 10)
        #expect(plan.parts.allSatisfy { $0.places.count <= 64 && $0.places == $0.places.sorted() })
        #expect(plan.parts.flatMap(\.places).sorted() == Array(0..<1000))
        for part in plan.parts {
            let partitions = Set(part.places.map { PartitionRouting.partition(of: ids[$0], partitionCount: 3) })
            #expect(partitions.isSubset(of: part.shard == "y" ? [1] : [0, 2]))
        }
        let single = collection([["x"]])
        let texts = UpdatePlan(ids: ids, bytes: ids.map { _ in 1 << 20 }, to: single, vectorBytes: 0)
        #expect(texts.parts.count == 250 && texts.parts.allSatisfy { $0.places.count == 4 })
        #expect(UpdatePlan(ids: ["a"], bytes: [1 << 30], to: single, vectorBytes: 1 << 30).parts.count == 1)
        // Every replica gets everything, and one of them counts.
        let twice = UpdatePlan(
            ids: ids, bytes: ids.map { _ in 1 }, to: collection([["x", "y"], ["y", "x"]]), vectorBytes: 0)
        for shard in ["x", "y"] {
            #expect(twice.parts.filter { $0.shard == shard }.flatMap(\.places).sorted() == Array(0..<1000))
        }
        #expect(twice.parts.filter(\.isPrimary).flatMap(\.places).sorted() == Array(0..<1000))
    }
}
