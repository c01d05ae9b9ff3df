import Cluster
import Core
import Messaging
import ObjectStore
import Platform
import SimulatedWorld
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Shard

/// A shard behind a simulated socket that follows a log, over partitions in memory.
@Suite(.simulated) struct ShardLogTests {
    private static let model = Fingerprint(bytes: Array(repeating: 7, count: 32))

    /// Serves the partitions 0 and 2 of three.
    private struct Fixture {
        let engines: [MemoryEngine]
        let store = MemoryStore()
        let collection: StoredCollection
        let log: CollectionLog
        let follower: LogFollower
        let lines: Lines
        let server: NodeServer
        let client: Messenger
        let shard: Peer

        final class Lines: Sendable {
            let all = Mutex<[String]>([])
        }

        init(
            figures: [EngineFigures] = [EngineFigures(), EngineFigures()], damage: ImpRAGError? = nil,
            isReadOnly: Bool = false
        ) throws {
            let environment = NodeEnvironment.inTest
            let cluster = try ClusterConfiguration(
                text: """
                    { "partitions": 3, "model": "m", "index": "i", "nodes": [
                        { "name": "shard-0", "role": "shard", "listen": "ipc:///s", "partitions": [0, 2] },
                        { "name": "shard-1", "role": "shard", "listen": "ipc:///elsewhere", "partitions": [1] },
                        { "name": "c", "role": "coordinator" },
                        { "name": "g", "role": "generator", "listen": "ipc:///unused" } ] }
                    """, source: "test", directory: "/")
            let node = try cluster.node(named: "shard-0")
            guard case .shard(let settings) = node.role else { throw ImpRAGError(.internal, "no shard") }
            let model = try #require(ShardLogTests.model)
            engines = [
                MemoryEngine(model, partition: 0, of: 3, figures: figures[0]),
                MemoryEngine(model, partition: 2, of: 3, figures: figures[1], damage: damage),
            ]
            collection = StoredCollection(store)
            try collection.write(Self.manifest(model), deadline: .inTest())
            log = CollectionLog(collection, try collection.manifest(deadline: .inTest()))
            let lines = Lines()
            self.lines = lines
            follower = try LogFollower(log, engines: engines, on: environment) { line in
                lines.all.withLock { $0.append(line) }
            }
            server = try NodeServer(node, on: environment)
            server.serve(
                try ShardService(
                    engines: engines, settings: settings, follower: isReadOnly ? nil : follower, detail: "test",
                    metrics: server.metrics, on: environment))
            client = try environment.messenger("", limits: MessagingLimits())
            shard = try client.connect(to: server.endpoint, name: "shard-0")
        }

        static func manifest(_ model: Fingerprint) -> IndexManifest {
            IndexManifest(
                collection: CollectionID.random().description, fingerprint: model.description, model: "m", dimension: 2,
                partitions: (0..<3).map {
                    IndexManifest.Partition(directory: "partition-000\($0)", passages: 0, checksum: "")
                },
                corpus: IndexManifest.Corpus(
                    files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "f32",
                    batchRows: 1, documents: 0, duplicates: 0, badLines: 0))
        }

        func stop() {
            client.close()
            #expect(server.stop(milliseconds: 5000))
        }

        /// Commits changes, without telling the shard.
        @discardableResult
        func commit(_ changes: [PassageChange]...) throws -> Int {
            try log.commit(changes.map { LogUpdate($0) }, deadline: .inTest())
        }

        func apply(
            _ epoch: Int, update: Int? = nil, milliseconds: Int = 20_000
        ) async throws(ImpRAGError) -> ApplyReply {
            let reply = try await shard.call(
                .apply(ApplyRequest(epoch: epoch, update: update)), deadline: .inTest(milliseconds: milliseconds))
            guard case .apply(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
            return done
        }

        func search(
            _ query: [Float], k: Int = 5, _ options: SearchOptions = SearchOptions(), milliseconds: Int = 20_000
        ) async throws(ImpRAGError) -> ShardSearchReply {
            let reply = try await shard.call(
                .shardSearch(ShardSearchRequest(k: k, options: options)), tensors: [Tensor(query, shape: [1, 2])],
                fingerprint: ShardLogTests.model, deadline: .inTest(milliseconds: milliseconds))
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

    private func upserts(_ passages: [Passage], _ scores: [Float]) -> [PassageChange] {
        zip(passages, scores).map { .upsert($0, vector: [BFloat16($1), BFloat16(0)]) }
    }

    @Test("a shard that is told of an epoch applies its partitions' changes, and says what each update did")
    func lifecycle() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let (zero, two, other) = (Self.ids(of: 0, count: 2), Self.ids(of: 2, count: 1), Self.ids(of: 1, count: 1))
        let all = passages([zero[0], two[0], zero[1], other[0]])
        try fixture.commit(upserts(all, [1, 2, 3, 4]))
        #expect(
            try await fixture.apply(1, update: 0)
                == ApplyReply(
                    epoch: 1,
                    partitions: [
                        PartitionOutcome(partition: 0, inserted: 2), PartitionOutcome(partition: 2, inserted: 1),
                    ]))
        #expect(Set(fixture.engines[0].rows.withLock { $0.keys }) == Set(zero))
        #expect(Set(fixture.engines[1].rows.withLock { $0.keys }) == Set(two))
        let found = try await fixture.search([1, 0])
        #expect(found.passagesSearched == 3 && found.partitions.map(\.epoch) == [1, 1])
        #expect(found.queries.first?.passages.map(\.passage) == [all[2], all[1], all[0]])
        // Two updates share a segment: of each it is known what it did.
        try fixture.commit(upserts([all[1], all[2]], [0.5, 2.5]), [.delete(id: zero[0]), .delete(id: "nowhere")])
        #expect(try await fixture.apply(2, update: 1).partitions.map(\.deleted).reduce(0, +) == 1)
        #expect(try await fixture.apply(2, update: 0).partitions.map(\.replaced).reduce(0, +) == 2)
        #expect(try await fixture.search([1, 0]).queries.first?.passages.map(\.score) == [2.5, 0.5])
        // A segment without anything for this shard counts all the same.
        try fixture.commit([.delete(id: other[0])])
        #expect(try await fixture.apply(3, update: 0).epoch == 3)
        let status = try await fixture.shard.call(.status, deadline: .inTest())
        guard case .status(let reply) = status.body else { return #expect(Bool(false), "\(status.body.name)") }
        #expect(reply.nodes.first?.epoch == 3)
    }

    @Test("a search that wants an epoch waits for it, and for no longer than its deadline")
    func leastEpoch() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let ids = Self.ids(of: 0, count: 2)
        try fixture.commit(upserts(passages([ids[0]]), [1]))
        // Nobody told it.
        let found = try await fixture.search([1, 0], SearchOptions(minEpoch: 1))
        #expect(found.queries.first?.passages.map(\.passage.id) == [ids[0]])
        let early = await #expect(throws: ImpRAGError.self) {
            try await fixture.search([1, 0], SearchOptions(minEpoch: 2), milliseconds: 300)
        }
        #expect(early?.code == .deadlineExceeded)
        let waiting = SimulatedTest.task {
            try await fixture.search([1, 0], SearchOptions(minEpoch: 2)).queries.first?.passages.count
        }
        try await SimulatedTest.pass(milliseconds: 50)
        try fixture.commit(upserts(passages([ids[1]]), [2]))
        _ = try await fixture.apply(2)
        #expect(try await waiting.value == 2)
    }

    @Test("an epoch that the partitions have noted, and do not show to searches yet, does not count")
    func notedEpoch() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        try fixture.commit(upserts(passages(Self.ids(of: 1, count: 1)), [1]))
        for engine in fixture.engines { _ = try engine.apply([], epoch: 1) }
        let status = try await fixture.shard.call(.status, deadline: .inTest())
        guard case .status(let reply) = status.body else { return #expect(Bool(false), "\(status.body.name)") }
        #expect(reply.nodes.first?.epoch == 0)
        // A search that wants it waits for the follower.
        _ = try await fixture.search([1, 0], SearchOptions(minEpoch: 1))
        #expect(fixture.follower.applied == 1)
    }

    @Test("what nobody told of is found within two seconds")
    func polling() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        fixture.follower.start()
        try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [1]))
        try await SimulatedTest.pass(milliseconds: 2000)
        #expect(fixture.follower.applied == 1)
    }

    @Test("an epoch that somebody made up counts as no lag, and is looked for no more than others")
    func madeUp() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        fixture.follower.start()
        try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [1]))
        _ = await #expect(throws: ImpRAGError.self) {
            try await fixture.search([1, 0], SearchOptions(minEpoch: 1 << 60), milliseconds: 300)
        }
        try await SimulatedTest.pass(milliseconds: 2000)
        #expect(fixture.follower.applied == 1 && fixture.follower.lag == 0)
        let before = fixture.store.calls.count
        try await SimulatedTest.pass(milliseconds: 3000)
        #expect(!fixture.store.calls[before...].contains { $0.kind == .list })
    }

    @Test("a follower that is stopped does not first apply all that it is behind")
    func stopBehind() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        for number in 0..<20 { try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [Float(number)])) }
        let third = try CollectionKey.segment(3).text
        fixture.store.before { [follower = fixture.follower] call in
            if call.key == third { follower.stop() }
            return nil
        }
        fixture.follower.hear(of: 20)
        try await SimulatedTest.pass(milliseconds: 1000)
        #expect(fixture.follower.applied == 3)
    }

    @Test("a segment that cannot be applied stays next, who waits for it is told why, and searches go on")
    func refusal() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let ids = Self.ids(of: 2, count: 1)
        fixture.engines[1].refusal.withLock { $0 = ImpRAGError(.resourceExhausted, "the disk is full") }
        try fixture.commit(upserts(passages(ids), [1]))
        for _ in 0..<2 {
            let error = await #expect(throws: ImpRAGError.self) { try await fixture.apply(1, update: 0) }
            #expect(error?.code == .resourceExhausted)
            #expect(
                error?.message.contains("epoch 1 is not applied yet: the disk is full") == true,
                "\(error?.message ?? "")")
        }
        #expect(try await fixture.search([1, 0]).partitions.map(\.epoch) == [1, 0])
        let status = try await fixture.shard.call(.status, deadline: .inTest())
        guard case .status(let reply) = status.body else { return #expect(Bool(false), "\(status.body.name)") }
        #expect(reply.nodes.first?.epoch == 0 && reply.nodes.first?.detail.contains("the disk is full") == true)
        fixture.engines[1].refusal.withLock { $0 = nil }
        #expect(try await fixture.apply(1, update: 0).partitions.map(\.partition) == [2])
        #expect(try await fixture.search([1, 0]).queries.first?.passages.map(\.passage.id) == ids)
        // Said once, however often it was tried.
        #expect(fixture.lines.all.withLock { $0.count { $0.contains("the disk is full") } } == 1)
    }

    @Test("while the store is away searches go on, and who waits gets the epoch when it is back")
    func store() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        fixture.follower.start()
        try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [1]))
        fixture.store.before { _ in .notDone(.unavailable) }
        let waiting = SimulatedTest.task { try await fixture.apply(1, update: 0).epoch }
        try await SimulatedTest.pass(milliseconds: 3000)
        #expect(try await fixture.search([1, 0]).queries.count == 1 && fixture.follower.applied == 0)
        fixture.store.before { _ in nil }
        #expect(try await waiting.value == 1)
    }

    @Test("where the log begins after what a shard has, it says so instead of leaving something out")
    func tooOld() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        for number in 0..<3 { try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [Float(number)])) }
        _ = try fixture.collection.update(deadline: .inTest()) { manifest in
            manifest.firstEpoch = 3
            for place in manifest.partitions.indices { manifest.partitions[place].checkpoint = 2 }
        }
        for epoch in 1...2 { try fixture.store.delete(try CollectionKey.segment(epoch), deadline: .inTest()) }
        let error = await #expect(throws: ImpRAGError.self) { try await fixture.apply(3, update: 0) }
        #expect(error?.code == .failedPrecondition)
        for part in ["begins at epoch 3", "has to be started again"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        #expect(fixture.follower.applied == 0)
    }

    @Test("a segment that is lost is named; nothing after it is applied")
    func lost() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        for number in 0..<3 { try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [Float(number)])) }
        try fixture.store.delete(try CollectionKey.segment(2), deadline: .inTest())
        let error = await #expect(throws: ImpRAGError.self) { try await fixture.apply(3, update: 0) }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains("log/00000000000000000002 is missing") == true, "\(error?.message ?? "")")
        #expect(fixture.follower.applied == 1)
    }

    @Test("a shard that has more than the log does not start: the store has lost what was acknowledged")
    func lostEnd() throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        for number in 0..<3 { try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [Float(number)])) }
        try fixture.follower.catchUp()
        try fixture.store.delete(try CollectionKey.segment(3), deadline: .inTest())
        let again = CollectionLog(fixture.collection, try fixture.collection.manifest(deadline: .inTest()))
        let follower = try LogFollower(again, engines: fixture.engines, on: .inTest) { _ in }
        let error = #expect(throws: ImpRAGError.self) { try follower.catchUp() }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains("up to epoch 3, and the log of its index ends at 2") == true)
    }

    @Test("where another index took the place of a shard's, it follows that one's log not a step")
    func replaced() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        _ = try fixture.collection.update(deadline: .inTest()) { $0.collection = CollectionID.random().description }
        let other = CollectionLog(fixture.collection, try fixture.collection.manifest(deadline: .inTest()))
        _ = try other.commit([LogUpdate(upserts(passages(Self.ids(of: 0, count: 1)), [1]))], deadline: .inTest())
        let error = await #expect(throws: ImpRAGError.self) { try await fixture.apply(1, update: 0) }
        #expect(error?.code == .failedPrecondition || error?.code == .dataLoss, "\(String(describing: error))")
        #expect(fixture.engines.allSatisfy { $0.count == 0 })
    }

    @Test("a \"read_only\" shard stays at its epoch, and says so to who wants another")
    func readOnly() async throws {
        let fixture = try Fixture(isReadOnly: true)
        defer { fixture.stop() }
        try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [1]))
        let told = await #expect(throws: ImpRAGError.self) { try await fixture.apply(1) }
        #expect(told?.code == .failedPrecondition && told?.message.contains("read_only") == true)
        let wanted = await #expect(throws: ImpRAGError.self) {
            try await fixture.search([1, 0], SearchOptions(minEpoch: 1))
        }
        #expect(wanted?.code == .failedPrecondition)
        #expect(try await fixture.search([1, 0], SearchOptions(minEpoch: 0)).passagesSearched == 0)
    }

    @Test("search options reach every engine as they were sent, and a filter is acknowledged")
    func options() async throws {
        let fixture = try Fixture()
        defer { fixture.stop() }
        let ids = Self.ids(of: 0, count: 2)
        let mixed = passages([ids[0]]) + passages([ids[1]], lang: "de")
        try fixture.commit(upserts(mixed, [1, 2]))
        _ = try await fixture.apply(1, update: 0)
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
        try fixture.commit(upserts(passages(Self.ids(of: 0, count: 1)), [1]))
        #expect(try await fixture.apply(1, update: 0).partitions.map(\.inserted).reduce(0, +) == 1)
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
        try fixture.commit(upserts(passages(Self.ids(of: 2, count: 2)), [1, 1]))
        _ = try await fixture.apply(1, update: 0)
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
