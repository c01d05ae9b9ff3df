import Cluster
import Core
import Messaging
import Platform
import SimulatedWorld
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Shard

/// Updates and search options at a shard behind a real socket, over partitions in memory.
struct ShardUpdateTests {
    private static let model = Fingerprint(bytes: Array(repeating: 7, count: 32))

    /// Serves the partitions 0 and 2 of three.
    private struct Fixture {
        let directory: TemporaryDirectory
        let engines: [MemoryEngine]
        let server: NodeServer
        let client: Messenger
        let shard: Peer

        init(
            figures: [EngineFigures] = [EngineFigures(), EngineFigures()], damage: ImpRAGError? = nil,
            queue: Int = 16
        ) throws {
            let environment = NodeEnvironment.inTest
            let directory = try TemporaryDirectory()
            self.directory = directory
            let cluster = try ClusterConfiguration(
                text: """
                    { "partitions": 3, "model": "m", "index": "i", "nodes": [
                        { "name": "shard-0", "role": "shard", "listen": "ipc://\(directory.file("s"))",
                          "partitions": [0, 2], "max_update_passages": 40, "update_queue": \(queue) },
                        { "name": "shard-1", "role": "shard", "listen": "ipc:///elsewhere", "partitions": [1] },
                        { "name": "c", "role": "coordinator" },
                        { "name": "g", "role": "generator", "listen": "ipc:///unused" } ] }
                    """, source: "test", directory: "/")
            let node = try cluster.node(named: "shard-0")
            guard case .shard(let settings) = node.role else { throw ImpRAGError(.internal, "no shard") }
            let model = try #require(ShardUpdateTests.model)
            engines = [
                MemoryEngine(model, partition: 0, of: 3, figures: figures[0]),
                MemoryEngine(model, partition: 2, of: 3, figures: figures[1], damage: damage),
            ]
            server = try NodeServer(node, on: environment)
            server.serve(
                try ShardService(
                    engines: engines, settings: settings, detail: "test", metrics: server.metrics, on: environment))
            client = try environment.messenger("", limits: MessagingLimits())
            shard = try client.connect(to: server.endpoint, name: "shard-0")
        }

        func stop() {
            client.close()
            #expect(server.stop(milliseconds: 5000))
        }

        func upsert(
            _ passages: [Passage], _ tensor: Tensor, milliseconds: Int = 20_000
        ) async throws(ImpRAGError) -> UpsertReply {
            let reply = try await shard.call(
                .shardUpsert(ShardUpsertRequest(passages: passages)), tensors: [tensor],
                fingerprint: ShardUpdateTests.model, deadline: .inTest(milliseconds: milliseconds))
            guard case .upsert(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
            return done
        }

        func delete(_ ids: [String]) async throws(ImpRAGError) -> Int {
            let reply = try await shard.call(
                .shardDelete(ShardDeleteRequest(ids: ids)), deadline: .inTest(milliseconds: 20_000))
            guard case .delete(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
            return done.deleted
        }

        func search(
            _ query: [Float], k: Int = 5, _ options: SearchOptions = SearchOptions()
        ) async throws(ImpRAGError) -> ShardSearchReply {
            let reply = try await shard.call(
                .shardSearch(ShardSearchRequest(k: k, options: options)), tensors: [Tensor(query, shape: [1, 2])],
                fingerprint: ShardUpdateTests.model, deadline: .inTest(milliseconds: 20_000))
            guard case .shardSearch(let found) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
            return found
        }
    }

    /// The first `count` ids of partition `shard` of three.
    private static func ids(of shard: Int, count: Int) -> [String] {
        var ids: [String] = []
        var number = 0
        while ids.count < count {
            if PartitionRouting.partition(of: "id-\(number)", partitionCount: 3) == shard { ids.append("id-\(number)") }
            number += 1
        }
        return ids
    }

    private func passages(_ ids: [String], lang: String = "en") -> [Passage] {
        ids.map { Passage(id: $0, title: "T", text: "text of \($0)", metadata: ["lang": .string(lang)]) }
    }

    @Test("upserted passages go to their partitions' engines, are found at once with their metadata, and go again")
    func lifecycle() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let (zero, two) = (Self.ids(of: 0, count: 2), Self.ids(of: 2, count: 1))
        // Mixed, so that the order in the request is not the order of the engines.
        let all = passages([zero[0], two[0], zero[1]])
        let vectors = Tensor([1, 0, 2, 0, 3, 0] as [Float], shape: [3, 2])
        #expect(
            try await fixture.upsert(all, vectors)
                == UpsertReply(
                    replaced: 0, inserted: 3,
                    partitions: [
                        PartitionFigures(partition: 0, passages: 2, sequence: 1),
                        PartitionFigures(partition: 2, passages: 1, sequence: 1),
                    ]))
        #expect(Set(fixture.engines[0].rows.withLock { $0.keys }) == Set(zero))
        #expect(Set(fixture.engines[1].rows.withLock { $0.keys }) == Set(two))
        let found = try await fixture.search([1, 0])
        #expect(found.passagesSearched == 3)
        #expect(found.queries.first?.passages.map(\.passage) == [all[2], all[1], all[0]])
        // Again, as bfloat16: 2.5 has few enough bits.
        let again = Tensor([BFloat16(0.5), BFloat16(0), BFloat16(2.5), BFloat16(0)], shape: [2, 2])
        let second = try await fixture.upsert(Array(all[1...]), again)
        #expect((second.replaced, second.inserted) == (2, 0))
        // Every update of a partition has the next number.
        #expect(second.partitions.map(\.sequence) == [2, 2])
        #expect(try await fixture.search([1, 0]).queries.first?.passages.map(\.score) == [2.5, 1, 0.5])
        #expect(try await fixture.delete([zero[1], two[0], Self.ids(of: 0, count: 9)[8]]) == 2)
        let rest = try await fixture.search([1, 0])
        #expect(rest.passagesSearched == 1)
        #expect(rest.queries.first?.passages.map(\.passage.id) == [zero[0]])
    }

    @Test("a passage of a partition that is not served is refused with id and partition, and nothing is taken")
    func foreignPartition() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let own = Self.ids(of: 0, count: 1)[0]
        let foreign = Self.ids(of: 1, count: 1)[0]
        let upsert = await #expect(throws: ImpRAGError.self) {
            try await fixture.upsert(passages([own, foreign]), Tensor([1, 0, 1, 0] as [Float], shape: [2, 2]))
        }
        #expect(upsert?.code == .failedPrecondition)
        #expect(
            upsert?.message.contains("'\(foreign)' belongs to partition 1 of 3") == true, "\(upsert?.message ?? "")")
        let delete = await #expect(throws: ImpRAGError.self) { try await fixture.delete([own, foreign]) }
        #expect(delete?.code == .failedPrecondition)
        #expect(fixture.engines.allSatisfy { $0.count == 0 })
    }

    @Test(
        "a vector that is not finite is refused with its passage's id, and nothing is taken",
        arguments: [
            Float.nan, .infinity, -.infinity,
        ])
    func notFinite(value: Float) async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let ids = Self.ids(of: 0, count: 2)
        let error = await #expect(throws: ImpRAGError.self) {
            try await fixture.upsert(passages(ids), Tensor([1, 0, 1, value], shape: [2, 2]))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("the vector of '\(ids[1])' holds \(value) at index 1") == true)
        #expect(fixture.engines.allSatisfy { $0.count == 0 })
    }

    @Test("updates that are too large, doubled, misshapen or of another model are refused, saying what would be right")
    func malformed() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let ids = Self.ids(of: 0, count: 41)
        let cases: [(ids: [String], shape: [Int], reason: String)] = [
            (ids, [41, 2], "41 passages; 1 to 40 (max_update_passages)"), ([], [0, 2], "0 passages"),
            ([ids[0], ids[0]], [2, 2], "'\(ids[0])' stands twice"), ([""], [1, 2], "an empty id"),
            ([ids[0]], [2, 2], "float32[1, 2] is needed"), ([ids[0]], [1, 3], "float32[1, 2] is needed"),
        ]
        for (ids, shape, reason) in cases {
            let error = await #expect(throws: ImpRAGError.self) {
                try await fixture.upsert(
                    passages(ids), Tensor([Float](repeating: 1, count: shape.reduce(1, *)), shape: shape))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        let other = await #expect(throws: ImpRAGError.self) {
            try await fixture.shard.call(
                .shardUpsert(ShardUpsertRequest(passages: passages([ids[0]]))),
                tensors: [Tensor([1, 0] as [Float], shape: [1, 2])],
                fingerprint: Fingerprint(bytes: Array(repeating: 9, count: 32)), deadline: .inTest(milliseconds: 20_000)
            )
        }
        #expect(other?.code == .failedPrecondition)
    }

    @Test("while an update is being written, searches go on; updates beyond the queue are refused", .simulated)
    func besideSearches() async throws {
        SimulatedTest.current?.world.jobMilliseconds["update"] = 2000...2000
        let fixture = try Fixture(queue: 1)
        defer { fixture.stop() }
        let ids = Self.ids(of: 0, count: 8)
        var codes: [ErrorCode] = []
        await withTaskGroup(of: ErrorCode?.self) { group in
            for id in ids {
                group.addTask {
                    do throws(ImpRAGError) {
                        _ = try await fixture.upsert(
                            passages([id]), Tensor([1, 0] as [Float], shape: [1, 2]), milliseconds: 1000)
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            // All updates wait for the writer's thread; this one comes back.
            #expect((try? await fixture.search([1, 0]))?.queries.count == 1)
            for await code in group { if let code { codes.append(code) } }
        }
        // One is being written, one waits.
        #expect(codes.count { $0 == .deadlineExceeded } == 2 && codes.count { $0 == .resourceExhausted } == 6)
        #expect(try await fixture.search([1, 0]).queries.count == 1)
    }

    @Test("search options reach every engine as they were sent, and a filter is acknowledged")
    func options() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let ids = Self.ids(of: 0, count: 2)
        let mixed = passages([ids[0]]) + passages([ids[1]], lang: "de")
        _ = try await fixture.upsert(mixed, Tensor([1, 0, 2, 0] as [Float], shape: [2, 2]))
        let options = SearchOptions(
            isExact: true, recall: 0.9, probes: 3, candidates: 40, filter: .equals(field: "lang", .string("en")))
        let found = try await fixture.search([1, 0], options)
        #expect(found.isFiltered)
        #expect(found.queries.first?.passages.map(\.passage.id) == [ids[0]])
        for engine in fixture.engines { #expect(engine.options.withLock { $0 } == [options]) }
        #expect(try await fixture.search([1, 0]).isFiltered == false)
        let error = await #expect(throws: ImpRAGError.self) {
            try await fixture.search([1, 0], SearchOptions(recall: 2, probes: 0))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("recall is 2.0") == true && error?.message.contains("probes is 0") == true)
    }

    @Test("a damaged partition fails its searches with data_loss and the file, and the shard goes on")
    func damage() async throws {
        let fixture = try Fixture(damage: ImpRAGError(.dataLoss, "/index/shard-2/000012.sst is damaged at 4096"))
        defer { fixture.stop() }
        for _ in 0..<2 {
            let error = await #expect(throws: ImpRAGError.self) { try await fixture.search([1, 0]) }
            #expect(error?.code == .dataLoss)
            #expect(error?.message.contains("000012.sst") == true)
        }
        let ids = Self.ids(of: 0, count: 1)
        #expect(try await fixture.upsert(passages(ids), Tensor([1, 0] as [Float], shape: [1, 2])).inserted == 1)
    }

    @Test("status tells live passages, index memory, unindexed passages and the recall over all partitions")
    func status() async throws {
        let fixture = try Fixture(figures: [
            EngineFigures(
                indexBytes: ByteCount(1000), unindexed: 3, recall: RecallFigures(mean: 0.9, k: 10, samples: 30)),
            EngineFigures(
                indexBytes: ByteCount(500), unindexed: 4, recall: RecallFigures(mean: 0.98, k: 10, samples: 10)),
        ])
        defer { fixture.stop() }
        _ = try await fixture.upsert(
            passages(Self.ids(of: 2, count: 2)), Tensor([1, 0, 1, 0] as [Float], shape: [2, 2]))
        let reply = try await fixture.shard.call(.status, deadline: .inTest(milliseconds: 20_000))
        guard case .status(let status) = reply.body, let node = status.nodes.first else {
            Issue.record("no status")
            return
        }
        #expect(node.passages == 2)
        #expect(node.samples.total("imprag_index_bytes") == 1500)
        #expect(node.samples.total("imprag_unindexed_passages") == 7)
        #expect(node.samples.total("imprag_recall_samples") == 40)
        #expect(node.samples.total("imprag_recall_k") == 10)
        #expect(abs((node.samples.total("imprag_recall_ratio") ?? 0) - 0.92) < 1e-12)
    }

    @Test("samples of another k than most are not mixed in, and no samples are no recall")
    func combined() {
        let figures = [
            EngineFigures(recall: RecallFigures(mean: 0.5, k: 5, samples: 9)),
            EngineFigures(recall: RecallFigures(mean: 0.9, k: 10, samples: 10)), EngineFigures(),
        ]
        #expect(EngineFigures.recall(of: figures) == RecallFigures(mean: 0.9, k: 10, samples: 10))
        #expect(EngineFigures.recall(of: [EngineFigures()]) == nil)
    }

    @Test("a shard that stops stops its engines, once")
    func stop() throws {
        let fixture = try Fixture()
        fixture.stop()
        #expect(fixture.engines.map { $0.stops.load(ordering: .relaxed) } == [1, 1])
    }
}
