import Cluster
import Core
import Messaging
import Platform
import Synchronization
import TestSupport
import Testing
import Wire

struct NodeServerTests {
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
        let server = try NodeServer(try cluster.node(named: "c"))
        let client = try Messenger(name: "")
        let fingerprint = try #require(Fingerprint(bytes: Array(repeating: 5, count: 32)))
        return Fixture(
            directory: directory, server: server, client: client,
            node: try client.connect(to: server.endpoint, name: "c"), service: Service(fingerprint))
    }

    private func status(_ node: Peer) async throws -> NodeStatus {
        let reply = try await node.call(.status, deadline: .after(milliseconds: 30_000))
        guard case .status(let status) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return try #require(status.nodes.first)
    }

    @Test("a node answers status and ping while it loads, and refuses work until it serves")
    func loading() async throws {
        let fixture = try start()
        try await fixture.node.ping(deadline: .after(milliseconds: 30_000))
        #expect(try await status(fixture.node).state == .loading)
        let early = await #expect(throws: ImpRAGError.self) {
            try await fixture.node.call(.search(SearchRequest(prompt: "a")), deadline: .after(milliseconds: 30_000))
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
        _ = try await fixture.node.call(.search(SearchRequest(prompt: "a")), deadline: .after(milliseconds: 30_000))
        await #expect(throws: ImpRAGError.self) {
            try await fixture.node.call(
                .shardSearch(ShardSearchRequest(k: 1)), deadline: .after(milliseconds: 30_000))
        }
        let waiting = try fixture.node.stream(.ask(AskRequest(prompt: "a")), deadline: .after(milliseconds: 30_000))
        try await fixture.service.begun.value()
        waiting.cancel()
        try await fixture.service.cancelled.value()
        while fixture.server.metrics.figures.requests < 3 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(fixture.server.metrics.figures.failures == 1)
        fixture.client.close()
        #expect(fixture.server.stop(milliseconds: 5000))
    }

    @Test("a node that stops cancels what it works on and tells the caller")
    func stopping() async throws {
        let fixture = try start()
        fixture.server.serve(fixture.service)
        let waiting = try fixture.node.stream(.ask(AskRequest(prompt: "a")), deadline: .after(milliseconds: 30_000))
        try await fixture.service.begun.value()
        #expect(fixture.server.stop(milliseconds: 5000))
        let error = await #expect(throws: ImpRAGError.self) { try await waiting.next() }
        #expect(error?.code == .unavailable || error?.code == .cancelled)
        try await fixture.service.cancelled.value()
        fixture.client.close()
    }
}
