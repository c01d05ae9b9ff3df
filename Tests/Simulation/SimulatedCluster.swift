import Cluster
import Core
import Messaging
import Model
import SimulatedWorld
import Storage
import TestSupport
import Wire

@testable import Coordinator
@testable import Generator
@testable import Shard

/// A cluster in a simulated world: real coordinators, shards and generators around stand-ins for model and index.
// Sendable: see `World`.
final class SimulatedCluster: @unchecked Sendable {
    struct Shape {
        var coordinators = 1
        /// At most as many as there are partitions.
        var shards = 2
        var partitions = 3
        var replicas = 1
        var generators = 1
        var passages = 60
    }

    /// A node and what runs it now.
    final class Node {
        let name: String
        let kind: NodeRole
        let configuration: NodeConfiguration
        var process: Process
        var server: NodeServer?
        var transport: SimulatedTransport?
        var peers: Peers?
        var coordinator: CoordinatorService?

        init(_ configuration: NodeConfiguration, _ process: Process) {
            name = configuration.name
            kind = configuration.kind
            self.configuration = configuration
            self.process = process
        }
    }

    let world: World
    let network: SimulatedNetwork
    /// Where the collection is kept: outlives everything.
    let store = MemoryStore()
    private let collection: StoredCollection
    let shape: Shape
    let topology: Topology
    let ids: [String]
    let rows: [StandIn.Row]
    private(set) var nodes: [Node] = []
    private let fingerprint: Fingerprint
    /// By partition, then by replica.
    private(set) var disks: [[SimulatedDisk]]
    /// Called when a node ends by itself, with its name.
    var onEnd: (String) -> Void = { _ in }

    init(_ shape: Shape, in world: World) throws {
        guard let fingerprint = StandIn.fingerprint else { throw ImpRAGError(.internal, "no fingerprint") }
        self.fingerprint = fingerprint
        self.world = world
        self.shape = shape
        network = SimulatedNetwork(world)
        let cluster = try Self.file(shape)
        topology = cluster.topology
        ids = (0..<shape.passages).map { "p\($0)" }
        rows = ids.map { StandIn.Row($0) }
        let parts = Dictionary(grouping: ids) { [topology] in topology.collection.partition(of: $0).number }
        disks = topology.collection.partitions.map { partition in
            partition.replicas.map { _ in SimulatedDisk(parts[partition.number] ?? []) }
        }
        collection = StoredCollection(store)
        try collection.write(
            IndexManifest(
                collection: CollectionID.random().description, fingerprint: fingerprint.description, model: "m",
                dimension: StandIn.shape.keyWidth,
                partitions: (0..<shape.partitions).map {
                    IndexManifest.Partition(
                        directory: "partition-000\($0)", passages: parts[$0]?.count ?? 0, checksum: "")
                },
                corpus: IndexManifest.Corpus(
                    files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "f32",
                    batchRows: 1, documents: 0, duplicates: 0, badLines: 0)), deadline: .never)
        for configuration in cluster.nodes {
            let node = Node(configuration, Process(configuration.name, in: world))
            nodes.append(node)
            try start(node)
        }
    }

    private static func file(_ shape: Shape) throws -> ClusterConfiguration {
        let shards = (0..<shape.shards).map { number in
            let partitions = (0..<shape.partitions).filter { partition in
                (0..<shape.replicas).contains { (partition + $0) % shape.shards == number }
            }
            return """
                { "name": "shard-\(number)", "role": "shard", "listen": "ipc:///shard-\(number)",
                  "data": "/shard-\(number)", "partitions": \(partitions) },
                """
        }
        let others = [("generator", shape.generators), ("coordinator", shape.coordinators)].flatMap { role, count in
            (0..<count).map { number in
                """
                { "name": "\(role)-\(number)", "role": "\(role)", "listen": "ipc:///\(role)-\(number)" },
                """
            }
        }
        return try ClusterConfiguration(
            text: """
                { "partitions": \(shape.partitions), "model": "m", "index": "i", "nodes": [
                    \(shards.joined()) \(others.joined()) ] }
                """, source: "simulation", directory: "/")
    }

    var coordinators: [Node] { nodes.filter { $0.kind == .coordinator } }
    var generators: [Node] { nodes.filter { $0.kind == .generator } }

    // MARK: Life and death

    private func start(_ node: Node) throws {
        let transport = SimulatedTransport(node.process, network)
        node.transport = transport
        let environment = node.process.environment { transport }
        let server = try NodeServer(node.configuration, on: environment)
        node.server = server
        switch node.configuration.role {
        case .shard(let settings):
            var engines: [any SearchEngine] = []
            for partition in topology.collection.partitions {
                guard let place = partition.replicas.firstIndex(of: node.name) else { continue }
                disks[partition.number][place].open()
                engines.append(
                    StandInPartition(
                        fingerprint: fingerprint, partition: partition.number, partitionCount: shape.partitions,
                        disk: disks[partition.number][place]))
            }
            let log = try openLog()
            let follower = try LogFollower(
                log, engines: engines, on: environment, report: { _ in },
                lost: { [weak self, name = node.name] in self?.onEnd(name) })
            try follower.catchUp()
            follower.start()
            server.serve(
                try ShardService(
                    engines: engines, settings: settings, follower: follower, detail: "simulated",
                    metrics: server.metrics, on: environment))
        case .generator(let settings):
            server.serve(
                try GeneratorService(
                    engine: StandInEngine(fingerprint: fingerprint), settings: settings, memory: ByteCount(500),
                    detail: "simulated", metrics: server.metrics, on: environment))
        case .coordinator(let settings):
            let peers = try Peers(
                topology, of: node.name, fingerprint: fingerprint, messenger: server.messenger,
                environment: environment,
                log: { _ in }, onComplete: {}, onRefused: { _ in })
            let service = try CoordinatorService(
                encoder: StandInEncoder(fingerprint: fingerprint), settings: settings, peers: peers,
                detail: "simulated", metrics: server.metrics, on: environment,
                arithmetic: Arithmetic(build: "0.1.0", compute: "f32", kernels: "portable"),
                openLog: { [collection, fingerprint] () throws(ImpRAGError) in
                    CollectionLog(collection, try collection.manifest(expecting: fingerprint, deadline: .never))
                })
            (node.peers, node.coordinator) = (peers, service)
            server.serve(service)
            peers.watch()
        }
    }

    /// A reader of the log.
    func openLog() throws(ImpRAGError) -> CollectionLog {
        CollectionLog(collection, try collection.manifest(deadline: .never))
    }

    /// Like `kill -9`: nothing that it was about to send arrives.
    func kill(_ node: Node) {
        guard node.process.isAlive else { return }
        node.process.kill()
        node.transport?.close()
        _ = node.server?.stop(milliseconds: 0)
    }

    func restart(_ node: Node) throws {
        guard !node.process.isAlive else { return }
        node.process = Process(node.name, in: world)
        try start(node)
    }

    func stop() {
        for node in nodes { kill(node) }
        world.run(for: .milliseconds(1))
    }
}
