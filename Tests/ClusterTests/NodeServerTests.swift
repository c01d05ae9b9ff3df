import Cluster
import Core
import Messaging
import Platform
import SimulatedWorld
import Synchronization
import TestSupport
import Testing
import Wire

@Suite(.simulated) struct NodeServerTests {
    /// Answers searches with nothing; asks never.
    private final class Service: NodeService {
        let fingerprint: Fingerprint
        let passages = 3
        let detail = "made up"
        let wasStopped = Atomic(false)
        let begun = Promise<Void>()
        let cancelled = Promise<Void>()

        init(_ fingerprint: Fingerprint) {
            self.fingerprint = fingerprint
        }

        func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
            switch request.body {
            case .search:
                request.reply(
                    .search(
                        SearchReply(
                            passages: [],
                            completeness: Completeness(
                                shards: [], passagesSearched: 0, passagesTotal: 0, isComplete: true),
                            timings: Timings())))
            case .ask:
                begun.fulfil(.success(()))
                do throws(ImpRAGError) {
                    try await Promise<Void>().value()
                } catch {
                    cancelled.fulfil(.success(()))
                    throw error
                }
            default:
                throw ImpRAGError(.notFound, "not here")
            }
        }

        func stop(milliseconds: Int) -> Bool {
            wasStopped.store(true, ordering: .relaxed)
            return true
        }
    }

    private struct Fixture {
        let directory: TemporaryDirectory
        let server: NodeServer
        let client: Messenger
        let node: Peer
        let service: Service
    }

    private func start() throws -> Fixture {
        let directory = try TemporaryDirectory()
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "c", "role": "coordinator", "listen": "ipc://\(directory.file("c"))" },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        let environment = NodeEnvironment.inTest
        let server = try NodeServer(try cluster.node(named: "c"), on: environment)
        let client = try environment.messenger("", limits: MessagingLimits())
        let fingerprint = try #require(Fingerprint(bytes: Array(repeating: 5, count: 32)))
        return Fixture(
            directory: directory, server: server, client: client,
            node: try client.connect(to: server.endpoint, name: "c"), service: Service(fingerprint))
    }

    private func status(_ node: Peer) async throws -> NodeStatus {
        let reply = try await node.call(.status, deadline: .inTest())
        guard case .status(let status) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return try #require(status.nodes.first)
    }

    @Test("a node answers status and ping while it loads, and refuses work until it serves")
    func loading() async throws {
        let fixture = try start()
        try await fixture.node.ping(deadline: .inTest())
        var plan = MemoryPlan()
        plan.add("vectors", ByteCount(100))
        try fixture.server.announce(plan)
        let loading = try await status(fixture.node)
        #expect(loading.state == .loading)
        #expect(loading.samples.total("imprag_planned_bytes", [MetricLabel("part", "vectors")]) == 100)
        #expect(loading.samples.total("imprag_resident_bytes") ?? 0 > Double(1 << 20))
        let early = await #expect(throws: ImpRAGError.self) {
            try await fixture.node.call(.search(SearchRequest(prompt: "a")), deadline: .inTest())
        }
        #expect(early?.code == .unavailable)
        #expect(early?.message.contains("c is loading") == true)
        fixture.server.serve(fixture.service)
        let ready = try await status(fixture.node)
        #expect(ready.state == .ready)
        #expect(ready.passages == 3)
        #expect(ready.fingerprint == fixture.service.fingerprint)
        fixture.client.close()
        #expect(fixture.server.stop(milliseconds: 5000))
        let wasStopped = fixture.service.wasStopped.load(ordering: .relaxed)
        #expect(wasStopped)
    }

    @Test("requests and failures are counted, cancelled ones as no failures")
    func counting() async throws {
        let fixture = try start()
        fixture.server.serve(fixture.service)
        _ = try await fixture.node.call(.search(SearchRequest(prompt: "a")), deadline: .inTest())
        await #expect(throws: ImpRAGError.self) {
            try await fixture.node.call(
                .shardSearch(ShardSearchRequest(k: 1)), deadline: .inTest())
        }
        let waiting = try fixture.node.stream(.ask(AskRequest(prompt: "a")), deadline: .inTest())
        try await fixture.service.begun.value()
        waiting.cancel()
        try await fixture.service.cancelled.value()
        try await SimulatedTest.wait { fixture.server.metrics.samples.total("imprag_requests_total") == 3 }
        let samples = try await status(fixture.node).samples
        #expect(samples.total("imprag_failed_requests_total") == 1)
        #expect(samples.histogram("imprag_request_seconds")?.count == 3)
        fixture.client.close()
        #expect(fixture.server.stop(milliseconds: 5000))
    }

    @Test("a node that drains goes on with what it has, takes nothing new, and says in its status that it stops")
    func draining() async throws {
        let fixture = try start()
        fixture.server.serve(fixture.service)
        let running = try fixture.node.stream(.ask(AskRequest(prompt: "a")), deadline: .inTest())
        try await fixture.service.begun.value()
        fixture.server.beginDraining()
        let refused = await #expect(throws: ImpRAGError.self) {
            try await fixture.node.call(.search(SearchRequest(prompt: "a")), deadline: .inTest())
        }
        #expect(refused?.code == .unavailable && refused?.message.contains("c is stopping") == true)
        #expect(try await status(fixture.node).state == .stopping)
        #expect(fixture.server.requestsInFlight == 1)
        running.cancel()
        try await fixture.service.cancelled.value()
        try await SimulatedTest.wait { fixture.server.requestsInFlight == 0 }
        fixture.client.close()
        #expect(fixture.server.stop(milliseconds: 5000))
        let wasStopped = fixture.service.wasStopped.load(ordering: .relaxed)
        #expect(wasStopped)
    }

    @Test("a node that stops cancels what it works on and tells the caller")
    func stopping() async throws {
        let fixture = try start()
        fixture.server.serve(fixture.service)
        let waiting = try fixture.node.stream(.ask(AskRequest(prompt: "a")), deadline: .inTest())
        try await fixture.service.begun.value()
        #expect(fixture.server.stop(milliseconds: 5000))
        let error = await #expect(throws: ImpRAGError.self) { try await waiting.next() }
        #expect(error?.code == .unavailable || error?.code == .cancelled)
        try await fixture.service.cancelled.value()
        fixture.client.close()
    }
}
