import Cluster
import Core
import Foundation
import Messaging
import SimulatedWorld
import Storage
import TestSupport
import Testing
import Wire

@testable import Shard

/// Passage states at a shard behind a real socket, with stores on the disk.
struct ShardStatesTests {
    private static let model = Fingerprint(bytes: Array(repeating: 7, count: 32))
    private static let otherModel = Fingerprint(bytes: Array(repeating: 9, count: 32))

    /// Serves two partitions.
    private struct Fixture {
        let directory: TemporaryDirectory
        let server: NodeServer
        let client: Messenger
        let shard: Peer

        init(_ directory: TemporaryDirectory, _ stores: [StateStore]) throws {
            self.directory = directory
            let cluster = try ClusterConfiguration(
                text: """
                    { "partitions": 2, "model": "m", "index": "i", "nodes": [
                        { "name": "shard-0", "role": "shard", "listen": "ipc://\(directory.file("s"))",
                          "partitions": [0, 1] },
                        { "name": "c", "role": "coordinator" },
                        { "name": "g", "role": "generator", "listen": "ipc:///unused" } ] }
                    """, source: "test", directory: "/")
            let node = try cluster.node(named: "shard-0")
            guard case .shard(let settings) = node.role else { throw ImpRAGError(.internal, "no shard") }
            let fingerprint = try #require(model)
            var limits = MessagingLimits()
            limits.frameBytes = StoreStatesRequest.stateLimit.bytes
            server = try NodeServer(node, limits: limits)
            let service = try ShardService(
                engines: [
                    MemoryEngine(fingerprint, partition: 0, of: 2), MemoryEngine(fingerprint, partition: 1, of: 2),
                ], settings: settings, states: stores.isEmpty ? nil : try ShardStates(stores, log: { _ in }),
                detail: "test", metrics: server.metrics)
            server.serve(service)
            client = try Messenger(name: "")
            shard = try client.connect(to: server.endpoint, name: "shard-0")
        }

        func stop() {
            client.close()
            #expect(server.stop(milliseconds: 5000))
        }

        func fetch(
            _ keys: [StateKey], fingerprint: Fingerprint? = model
        ) async throws(ImpRAGError) -> (presence: [StatePresence], states: [[UInt8]]) {
            let reply = try await shard.call(
                .fetchStates(FetchStatesRequest(keys: keys)), fingerprint: fingerprint,
                deadline: .inTest(milliseconds: 20_000))
            guard case .fetchStates(let found) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
            var states: [[UInt8]] = []
            for tensor in reply.tensors { states.append(try tensor.bytes("state")) }
            return (found.presence, states)
        }

        func store(
            _ keys: [StateKey], _ tensors: [Tensor], fingerprint: Fingerprint? = model
        ) async throws(ImpRAGError) -> Int {
            let reply = try await shard.call(
                .storeStates(StoreStatesRequest(keys: keys)), tensors: tensors, fingerprint: fingerprint,
                deadline: .inTest(milliseconds: 20_000))
            guard case .storeStates(let done) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
            return done.stored
        }
    }

    private func key(_ number: Int) throws -> StateKey {
        try #require(StateKey(bytes: (0..<32).map { UInt8(truncatingIfNeeded: number + $0) }))
    }

    private func state(_ number: Int, count: Int = 3000) -> [UInt8] { [UInt8](repeating: UInt8(number), count: count) }

    private func stores(
        _ directory: TemporaryDirectory, budget: Int = 1 << 30, _ access: StateStore.Access = .readWrite
    ) throws -> [StateStore] {
        try (0..<2).map {
            try StateStore(
                path: directory.file("partition-000\($0).states"), fingerprint: try #require(Self.model),
                budget: ByteCount(budget), access: access)
        }
    }

    @Test(
        "states that were stored are fetched in the order of their keys, from whichever partition's store, and counted")
    func lifecycle() async throws {
        let directory = try TemporaryDirectory()
        let stores = try stores(directory)
        // As the indexer does: where the passage is, whatever the key.
        _ = try stores[1].insert(state(20), for: key(20))
        _ = try stores[0].insert(state(21), for: key(21))
        let fixture = try Fixture(directory, stores)
        let keys = try (0..<5).map { try key($0) }
        #expect(try await fixture.store(keys, (0..<5).map { Tensor(state($0, count: $0 * 1000)) }) == 5)
        #expect(try await fixture.store([keys[1]], [Tensor(state(1, count: 1000))]) == 1)
        let found = try await fixture.fetch(try [3, 9, 20, 0, 21].map { try key($0) })
        #expect(found.presence == [.sent, .absent, .sent, .sent, .sent])
        #expect(found.states == [state(3), state(20), [], state(21)])
        let reply = try await fixture.shard.call(.status, deadline: .inTest(milliseconds: 20_000))
        guard case .status(let status) = reply.body, let samples = status.nodes.first?.samples else {
            Issue.record("no status")
            return
        }
        for (name, value) in [
            ("imprag_stored_states", 7), ("imprag_state_hits_total", 4), ("imprag_state_misses_total", 1),
            ("imprag_damaged_states_total", 0), ("imprag_stored_state_limit_bytes", 2 << 30),
        ] {
            #expect(samples.total(name) == Double(value), "\(name)")
        }
        fixture.stop()
        let reader = try self.stores(directory, .readOnly)
        #expect(reader.reduce(0) { $0 + $1.figures.entries } == 7)
    }

    @Test("states beyond what a reply may hold are said to be there, and come when they are asked for again")
    func large() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(directory, try stores(directory))
        defer { fixture.stop() }
        let keys = try (0..<4).map { try key($0) }
        for number in 0..<4 {
            #expect(try await fixture.store([keys[number]], [Tensor(state(number, count: 40 << 20))]) == 1)
        }
        let first = try await fixture.fetch(keys)
        #expect(first.presence == [.sent, .sent, .sent, .notSent])
        let second = try await fixture.fetch([keys[3]])
        #expect(second.presence == [.sent])
        #expect(second.states == [state(3, count: 40 << 20)])
        // What was sent holds no memory any more.
        for _ in 0..<6 { #expect(try await fixture.fetch(keys).presence.first == .sent) }
    }

    @Test("a message may carry 256 states, and 257 are refused")
    func many() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(directory, try stores(directory))
        defer { fixture.stop() }
        let keys = try (0..<257).map { number in
            try #require(StateKey(bytes: [UInt8(number / 128), UInt8(number % 128)] + Array(repeating: 0, count: 30)))
        }
        let tensors = keys.indices.map { Tensor(state($0 % 200, count: 100)) }
        #expect(try await fixture.store(Array(keys.dropLast()), Array(tensors.dropLast())) == 256)
        let found = try await fixture.fetch(Array(keys.dropLast()))
        #expect(found.presence == Array(repeating: .sent, count: 256))
        #expect(found.states == (0..<256).map { state($0 % 200, count: 100) })
        let error = await #expect(throws: ImpRAGError.self) { try await fixture.store(keys, tensors) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a shard that keeps no states has none and stores none; one that may only read stores none")
    func none() async throws {
        let directory = try TemporaryDirectory()
        do {
            let fixture = try Fixture(directory, [])
            defer { fixture.stop() }
            #expect(try await fixture.store([key(1)], [Tensor(state(1))]) == 0)
            #expect(try await fixture.fetch([key(1), key(2)]).presence == [.absent, .absent])
        }
        for store in try stores(directory) { _ = try store.insert(state(1), for: key(1)) }
        let fixture = try Fixture(directory, try stores(directory, .readOnly))
        defer { fixture.stop() }
        #expect(try await fixture.store([key(2)], [Tensor(state(2))]) == 0)
        #expect(try await fixture.fetch([key(1), key(2)]).presence == [.sent, .absent])
    }

    @Test("what does not fit the model, the keys or the type is refused, saying what would be right")
    func hostile() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(directory, try stores(directory))
        defer { fixture.stop() }
        let foreign = await #expect(throws: ImpRAGError.self) {
            try await fixture.fetch([key(1)], fingerprint: Self.otherModel)
        }
        #expect(foreign?.code == .failedPrecondition)
        #expect(foreign?.message.contains("\(try #require(Self.otherModel))") == true)
        let nameless = await #expect(throws: ImpRAGError.self) {
            try await fixture.store([key(1)], [Tensor(state(1))], fingerprint: nil)
        }
        #expect(nameless?.message.contains("no fingerprint") == true)
        for tensors in [[], [Tensor([1, 2] as [Float], shape: [2])], [Tensor(state(1)), Tensor(state(2))]] {
            let error = await #expect(throws: ImpRAGError.self) { try await fixture.store([key(1)], tensors) }
            #expect(error?.message.contains("one uint8[bytes] for each key is right") == true, "\(error as Any)")
        }
        #expect(try await fixture.store([key(1)], [Tensor(state(1))]) == 1)
    }
}
