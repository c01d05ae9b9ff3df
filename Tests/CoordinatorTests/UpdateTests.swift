import Cluster
import Core
import Messaging
import SimulatedWorld
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Coordinator

@Suite(.simulated) struct UpdateTests {
    private func upsert(
        _ cluster: FakeCluster, _ passages: [Passage], wait: UpdateWait = .found, milliseconds: Int = 30_000
    ) async throws(ImpRAGError) -> UpsertReply {
        let reply = try await cluster.coordinator.call(
            .upsert(UpsertRequest(passages: passages, wait: wait)), deadline: .inTest(milliseconds: milliseconds))
        guard case .upsert(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return done
    }

    private func delete(
        _ cluster: FakeCluster, _ ids: [String], wait: UpdateWait = .found
    ) async throws(ImpRAGError) -> DeleteReply {
        let reply = try await cluster.coordinator.call(
            .delete(DeleteRequest(ids: ids, wait: wait)), deadline: .inTest())
        guard case .delete(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return done
    }

    /// The changes of one epoch, by partition; nil when there is no such segment.
    private func changes(_ cluster: FakeCluster, _ epoch: Int) throws -> [Int: [LoggedChange]]? {
        try cluster.collectionLog.entry(epoch, partitions: [0, 1], deadline: .inTest())?.changes
    }

    private func passages(_ count: Int) -> [Passage] {
        (0..<count).map { Passage(id: "id-\($0)", title: "", text: String(repeating: "x", count: $0 + 1)) }
    }

    @Test(
        "an update is one segment, with every passage in its partition beside its own vector, and shards say what it did"
    )
    func upsert() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let all = passages(150)
        let reply = try await upsert(cluster, all)
        #expect(reply.epoch == 1 && reply.found && reply.inserted + reply.replaced == 150)
        #expect(cluster.encoder.embedded.withLock { $0 } == [64, 64, 22])
        var expected: [Int: [LoggedChange]] = [:]
        for (place, passage) in all.enumerated() {
            let partition = PartitionRouting.partition(of: passage.id, partitionCount: 2)
            let change = PassageChange.upsert(passage, vector: [BFloat16(Float(place + 1))])
            expected[partition, default: []].append(LoggedChange(update: 0, change))
        }
        #expect(expected.count == 2)
        #expect(try changes(cluster, 1) == expected)
        let deleted = try await delete(cluster, ["id-3", "id-4", "nowhere"])
        #expect(deleted.epoch == 2 && deleted.deleted == 3)
        #expect(try changes(cluster, 2)?.values.reduce(0) { $0 + $1.count } == 3)
        #expect(try await cluster.status().first { $0.name == "front" }?.epoch == 2)
    }

    @Test("what is only to be durable waits for no shard, and every shard hears of it")
    func durable() async throws {
        let cluster = try FakeCluster(shards: [.normal, .silent])
        defer { cluster.stop() }
        let reply = try await upsert(cluster, passages(20), wait: .durable, milliseconds: 500)
        #expect(reply == UpsertReply(epoch: 1, cut: 10, found: false, replaced: 0, inserted: 0))
        let one = try await upsert(cluster, [Passage(id: "alone", title: "", text: "t")], wait: .durable)
        #expect(one.epoch == 2)
        try await SimulatedTest.wait {
            cluster.applies.withLock { $0["shard-0"] } == [ApplyRequest(epoch: 1), ApplyRequest(epoch: 2)]
        }
    }

    @Test("updates that wait while a segment is written share the next one")
    func group() async throws {
        SimulatedTest.current?.world.jobMilliseconds["commit"] = 50...50
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let epochs = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                group.addTask { try await delete(cluster, ["id-\(number)"], wait: .durable).epoch }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let segments = Set(epochs).sorted()
        #expect(segments == Array(1...segments.count) && segments.count <= 3, "\(epochs)")
        let changed = try segments.flatMap { epoch in
            try changes(cluster, epoch)?.values.flatMap { $0.map(\.change.id) } ?? []
        }
        #expect(changed.sorted() == (0..<12).map { "id-\($0)" }.sorted())
    }

    @Test("a shard that has not applied an update yet is named, with the epoch at which the update is durable")
    func failure() async throws {
        let full = ImpRAGError(.resourceExhausted, "the disk is full")
        let cluster = try FakeCluster(shards: [.normal, .fails(full)])
        defer { cluster.stop() }
        let error = await #expect(throws: ImpRAGError.self) { try await upsert(cluster, passages(20)) }
        // Not unavailable, nor resource_exhausted: either would mean that it should be sent again.
        #expect(error?.code == .failedPrecondition)
        let message = error?.message ?? ""
        #expect(message.contains("durable at epoch 1") && message.contains("the disk is full"), "\(message)")
        #expect(message.contains("shard-1: ") && !message.contains("shard-0: "), "\(message)")
        let absent = try FakeCluster(shards: [.normal, .absent])
        defer { absent.stop() }
        let missing = await #expect(throws: ImpRAGError.self) { try await upsert(absent, passages(20)) }
        #expect(missing?.message.contains("shard-1") == true, "\(missing?.message ?? "")")
        #expect(try changes(absent, 1)?.values.reduce(0) { $0 + $1.count } == 20)
    }

    @Test("what is to be found waits for every replica that serves, and counts once")
    func replicas() async throws {
        let cluster = try FakeCluster(shards: [.normal, .normal], replicas: 2)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let reply = try await upsert(cluster, passages(20))
        #expect(reply.inserted + reply.replaced == 20)
        let expected = [ApplyRequest(epoch: 1, update: 0)]
        #expect(cluster.applies.withLock { $0 } == ["shard-0": expected, "shard-1": expected])
    }

    @Test(
        "what is to be found waits for no replica that is away while another one has it",
        arguments: [FakeCluster.Behaviour.absent, .silent])
    func replicaAway(behaviour: FakeCluster.Behaviour) async throws {
        let cluster = try FakeCluster(shards: [behaviour, .normal], replicas: 2)
        defer { cluster.stop() }
        try await SimulatedTest.wait {
            cluster.peers.membership.withLock { members in
                guard members.member("shard-1")?.state == .ready else { return false }
                switch members.member("shard-0")?.state {
                case .unreachable?, .silent?: return true
                default: return false
                }
            }
        }
        #expect(try await upsert(cluster, passages(20), milliseconds: 1500).found)
    }

    @Test("a replica that hangs while it is waited for is left out, and no search of it sees less from then on")
    func replicaHangs() async throws {
        let cluster = try FakeCluster(shards: [.normal, .normal], replicas: 2)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        cluster.hung.withLock { _ = $0.insert("shard-0") }
        #expect(try await upsert(cluster, passages(20), milliseconds: 2000).found)
        #expect(cluster.peers.knowledge.owed == ["shard-0": 1])
        // It is back, and alone.
        cluster.hung.withLock { $0 = ["shard-1"] }
        try await SimulatedTest.wait { cluster.peers.knowledge.states["shard-0"] == .ready }
        let answer = try await cluster.ask(AskRequest(prompt: "ab", k: 1))
        #expect(answer.sources?.completeness.shards.contains { $0.name == "shard-0" && $0.state == .answered } == true)
        #expect(cluster.lastOptions.withLock { $0.minEpoch } == 1)
    }

    @Test("what is to be found waits to its deadline for a shard that hangs when nobody else has its partitions")
    func onlyReplicaHangs() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        cluster.hung.withLock { _ = $0.insert("shard-0") }
        let error = await #expect(throws: ImpRAGError.self) {
            try await upsert(cluster, passages(20), milliseconds: 4000)
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.contains("durable at epoch 1") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("shard-0: ") == true, "\(error?.message ?? "")")
        #expect(cluster.peers.knowledge.owed.isEmpty)
    }

    @Test("a replica that serves and does not get further fails what is to be found, although another one has it")
    func replicaStuck() async throws {
        let full = ImpRAGError(.resourceExhausted, "the disk is full")
        let cluster = try FakeCluster(shards: [.normal, .fails(full)], replicas: 2)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let error = await #expect(throws: ImpRAGError.self) { try await upsert(cluster, passages(20)) }
        #expect(error?.message.contains("shard-1: ") == true, "\(error?.message ?? "")")
    }

    @Test("a store that fails fails the update, which may be sent again")
    func store() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        cluster.store.before { $0.kind == .put ? .notDone(.unavailable) : nil }
        let away = await #expect(throws: ImpRAGError.self) {
            try await upsert(cluster, passages(3), milliseconds: 2000)
        }
        #expect(away?.code == .unavailable || away?.code == .deadlineExceeded, "\(String(describing: away))")
        cluster.store.before { _ in nil }
        let again = try await upsert(cluster, passages(3))
        #expect(again.epoch == 1 && again.inserted + again.replaced == 3)
    }

    @Test("a coordinator that is \"read_only\" refuses updates before anything is embedded")
    func readOnly() async throws {
        let cluster = try FakeCluster(settings: ", \"read_only\": true")
        defer { cluster.stop() }
        let error = await #expect(throws: ImpRAGError.self) { try await upsert(cluster, passages(3)) }
        #expect(error?.code == .failedPrecondition && error?.message.contains("read_only") == true)
        #expect(cluster.encoder.embedded.withLock { $0.isEmpty })
    }

    @Test("a passage whose vector is not finite is refused by name, and nothing is written")
    func notFinite() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let bad = [Passage(id: "a", title: "", text: "t"), Passage(id: "b", title: "", text: "bad")]
        let error = await #expect(throws: ImpRAGError.self) { try await upsert(cluster, bad) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("the vector of 'b' holds nan at index 0") == true, "\(error?.message ?? "")")
        #expect(try changes(cluster, 1) == nil)
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
        #expect(try changes(cluster, 1) == nil)
    }

    @Test("passages that cannot be stored are refused by name before anything is embedded")
    func checks() async throws {
        let cluster = try FakeCluster(settings: ", \"max_update_passages\": 30")
        defer { cluster.stop() }
        let good = Passage(id: "a", title: "", text: "t")
        let cases: [([Passage], String)] = [
            ([], "0 passages; 1 to 30 (max_update_passages)"), (passages(31), "31 passages; 1 to 30"),
            ([Passage(id: "", title: "", text: "t")], "its id is empty"),
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
        // Others share the segment: what one of them may not send must not fail them all.
        let long = await #expect(throws: ImpRAGError.self) {
            try await delete(cluster, ["a", String(repeating: "i", count: 5000)])
        }
        #expect(long?.code == .invalidArgument)
        #expect(long?.message.contains("id 1 has 5000 bytes; at most 4096 are allowed") == true)
        #expect(cluster.encoder.embedded.withLock { $0.isEmpty })
    }

    @Test("options reach the shards; those out of range are refused with everything that is wrong")
    func options() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let options = SearchOptions(
            isExact: true, recall: 0.97, probes: 8, candidates: 100,
            filter: .not(.equals(field: "lang", .string("de"))),
            minEpoch: 7)
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
}
