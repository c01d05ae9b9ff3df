import Core
import Etcd
import Testing

@testable import Cluster

struct RegistryTests {
    private static let prefix = "/imprag/test/nodes/"

    private func registration(
        _ role: NodeRole = .shard, at port: Int = 7000, _ partitions: [Int] = [], isStopping: Bool = false
    ) throws -> Registration {
        Registration(
            role: role, endpoint: try Endpoint("tcp://127.0.0.1:\(port)"),
            fingerprint: Fingerprint(bytes: Array(repeating: 7, count: 32)), weight: 1.5,
            partitions: partitions.map { Registration.Served(number: $0, epoch: 12) }, isStopping: isStopping)
    }

    private func pair(_ name: String, _ revision: Int, lease: Int = 1, _ registration: Registration) throws -> EtcdPair
    {
        EtcdPair(
            key: Self.prefix + name, value: try registration.encoded(), modRevision: revision, lease: lease)
    }

    @Test("a registration is read as it was written; fields of later versions are passed over")
    func coding() throws {
        for value in [
            try registration(.shard, [0, 3]), try registration(.coordinator), try registration(isStopping: true),
        ] {
            #expect(try Registration(value.encoded(), key: "k") == value)
        }
        var zoned = try registration(.shard, [1])
        zoned.zone = "eu-1a"
        #expect(try Registration(zoned.encoded(), key: "k") == zoned)
        #expect(
            RegisteredNode(name: "s", registration: zoned).placementShard
                == Placement.Shard(name: "s", weight: 1.5, zone: "eu-1a"))
        let later = #"{"role":"generator","endpoint":"ipc:///g","rack":"b","weight":1}"#
        let found = try Registration(Array(later.utf8), key: "k")
        #expect(found.role == .generator && found.fingerprint == nil && found.partitions.isEmpty)
    }

    @Test(
        "an entry that is none is refused with its key",
        arguments: [
            "", "[]", "{}", #"{"role":"king","endpoint":"ipc:///g"}"#, #"{"role":"shard","endpoint":"udp://x"}"#,
            #"{"role":"shard","endpoint":"ipc:///g","weight":0}"#,
            #"{"role":"shard","endpoint":"ipc:///g","zone":"a b"}"#,
            #"{"role":"shard","endpoint":"ipc:///g","fingerprint":"12"}"#,
            #"{"role":"shard","endpoint":"ipc:///g","partitions":[{"number":-1,"epoch":0}]}"#,
            #"{"role":"shard","endpoint":"ipc:///g","partitions":[{"number":1024,"epoch":0}]}"#,
        ])
    func refusal(text: String) {
        #expect(throws: ImpRAGError.self) { try Registration(Array(text.utf8), key: "/k") }
    }

    @Test("events are applied in the order of their revisions; what cannot be read is left out and told")
    func events() throws {
        var registry = Registry(prefix: Self.prefix)
        #expect(registry.revision == nil)
        registry.reset(to: EtcdRange(pairs: [try pair("a", 3, registration())], revision: 5))
        registry.apply([
            .put(try pair("b", 6, registration(.generator))), .put(try pair("a", 2, registration(.coordinator))),
            .put(EtcdPair(key: Self.prefix + "c", value: [0], modRevision: 7, lease: 1)),
            .put(EtcdPair(key: Self.prefix + "no/name", value: [], modRevision: 8, lease: 1)),
        ])
        #expect(registry.entries.keys.sorted() == ["a", "b"] && registry.entries["a"]?.revision == 3)
        #expect(registry.faults.keys.sorted() == ["c"] && registry.revision == 8)
        registry.apply([.deleted(key: Self.prefix + "a", revision: 9), .deleted(key: Self.prefix + "b", revision: 6)])
        #expect(registry.entries.keys.sorted() == ["b"])
        // An etcd that was set up anew begins with low revisions.
        registry.reset(to: EtcdRange(pairs: [try pair("d", 2, registration())], revision: 2))
        #expect(registry.entries.keys.sorted() == ["d"] && registry.revision == 2 && registry.faults.isEmpty)
    }

    private func node(_ name: String, _ registration: Registration) -> RegisteredNode {
        RegisteredNode(name: name, registration: registration)
    }

    @Test("partitions are routed to who has announced them, and the topology's version grows with each change alone")
    func topology() throws {
        var made = RegistryTopology(partitionCount: 2, replicas: 2)
        #expect(made.topology.version == 0 && !made.topology.isWhole)
        var nodes = [
            node("a", try registration(at: 1, [0])), node("b", try registration(at: 2, [0])),
            node("g", try registration(.generator, at: 3)),
        ]
        let change1 = made.update(nodes)
        #expect(change1)
        #expect(made.topology.version == 1 && !made.topology.isWhole)
        #expect(Set(made.topology.collection.partitions[0].replicas) == ["a", "b"])
        #expect(made.topology.collection.partitions[1].replicas == [])
        let change2 = made.update(nodes)
        #expect(!change2)
        // Another epoch is no change of who serves what.
        nodes[1] = node("b", try registration(at: 2, [0, 1]))
        let change3 = made.update(nodes)
        #expect(change3)
        #expect(made.topology.isWhole && made.topology.version == 2)
        #expect(made.topology.collection.partitions[1].replicas == ["b"])
        #expect(made.topology.nodes.map(\.name) == ["a", "b", "g"])
    }

    @Test("who served last is kept as long as nobody else does: a registry that forgets stops nobody")
    func forgetful() throws {
        var made = RegistryTopology(partitionCount: 2, replicas: 1)
        let all = [
            node("a", try registration(at: 1, [0])), node("b", try registration(at: 2, [1])),
            node("g", try registration(.generator, at: 3)),
        ]
        let change4 = made.update(all)
        #expect(change4)
        let whole = made.topology
        let change5 = made.update([])
        #expect(!change5)
        #expect(made.topology == whole)
        // One is back, with another partition; the other is remembered.
        let change6 = made.update([node("a", try registration(at: 1, [0, 1]))])
        #expect(change6)
        #expect(made.topology.collection.partitions.map(\.replicas) == [["a"], ["a"]])
        #expect(made.topology.nodes.map(\.name) == ["a", "g"])
        // One that stops is not counted on while there are others.
        let last = made.update([
            node("a", try registration(at: 1, [], isStopping: true)), node("b", try registration(at: 2, [0])),
            node("h", try registration(.generator, at: 4)),
        ])
        #expect(last)
        #expect(made.topology.collection.partitions.map(\.replicas) == [["b"], ["a"]])
        #expect(made.topology.nodes.map(\.name) == ["a", "b", "h"])
    }
}
