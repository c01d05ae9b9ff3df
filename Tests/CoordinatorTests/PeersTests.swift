import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import Testing
import Wire

@testable import Coordinator

@Suite(.simulated) struct PeersTests {
    @Test("a newer topology takes effect while the coordinator runs; an older one changes nothing")
    func change() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let nodes = cluster.peers.topology.nodes
        // One shard takes over what both had.
        let fewer = Topology(version: 2, nodes: nodes.filter { $0.name != "shard-1" }, owners: [["shard-0"]])
        let removed = try cluster.peers.connection("shard-1")
        #expect(removed.isConnected)
        try cluster.peers.apply(fewer)
        #expect(cluster.peers.membership.withLock { $0.member("shard-1") } == nil)
        let answer = try await cluster.ask(AskRequest(prompt: "ab", k: 2))
        #expect(answer.sources?.completeness.shards.map(\.name) == ["shard-0"])
        #expect(answer.sources?.completeness.isComplete == true)
        #expect(throws: ImpRAGError.self) { try cluster.peers.connection("shard-1") }
        try await SimulatedTest.wait { !removed.isConnected }
        try cluster.peers.apply(Topology(version: 1, nodes: nodes, owners: [["shard-1"]]))
        #expect(cluster.peers.topology == fewer)
        // Then both again, with two replicas.
        try cluster.peers.apply(Topology(version: 3, nodes: nodes, owners: [["shard-1", "shard-0"]]))
        try await SimulatedTest.wait { cluster.peers.membership.withLock { $0.isComplete } }
        var asked: Set<String> = []
        for _ in 0..<2 {
            let again = try await cluster.ask(AskRequest(prompt: "ab", k: 2))
            asked.formUnion(again.sources?.completeness.shards.map(\.name) ?? [])
        }
        #expect(asked == ["shard-0", "shard-1"])
    }

    @Test(
        "a partition that a ready shard does not serve, although the cluster file says so, is asked of others or missing"
    )
    func lacking() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let nodes = cluster.peers.topology.nodes
        // As the shards say, each has one.
        let file = Topology(version: 2, nodes: nodes, owners: [["shard-0"], ["shard-0", "shard-1"]])
        try cluster.peers.apply(file)
        #expect(cluster.peers.topology == file)
        #expect(cluster.peers.knowledge.topology.collection.partitions.map(\.replicas) == [["shard-0"], ["shard-1"]])
        let more = Topology(version: 3, nodes: nodes, owners: [["shard-0"], ["shard-1"], ["shard-0"]])
        try cluster.peers.apply(more)
        let answer = try await cluster.ask(AskRequest(prompt: "ab", k: 2, completeness: .partial))
        let missing = try #require(answer.sources?.completeness.shards.filter { $0.state != .answered })
        #expect(missing.map(\.name) == ["partition 2"], "\(missing)")
        // Where shards announce what they serve, that counts.
        let announced = Topology(version: 4, nodes: nodes, owners: [["shard-0"], ["shard-0"]], isAnnounced: true)
        try cluster.peers.apply(announced)
        #expect(cluster.peers.knowledge.topology == announced)
    }
}
