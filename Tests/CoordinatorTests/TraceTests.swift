import Cluster
import Core
import Foundation
import Messaging
import SimulatedWorld
import Synchronization
import Testing
import Wire

@testable import Coordinator

/// Traces through a coordinator, and what probes and metrics see of it.
@Suite(.simulated) struct TraceTests {
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])
    }

    private static let context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"

    /// Asks, and returns the spans that were written.
    private func spans(
        _ cluster: FakeCluster, _ tracer: Tracer, _ lines: Lines, trace: String
    ) async throws -> [[String: Any]] {
        let replies = try cluster.coordinator.stream(
            .ask(AskRequest(prompt: "ab", k: 2)), trace: TraceContext(trace), deadline: .inTest())
        while try await replies.next() != nil {}
        // The last reply comes before the end of the request.
        try await SimulatedTest.wait { cluster.server.metrics.samples.total("imprag_requests_total") == 1 }
        cluster.stop()
        tracer.stop()
        var spans: [[String: Any]] = []
        for line in lines.lines.withLock({ $0 }) {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let resources = object?["resourceSpans"] as? [[String: Any]]
            let scopes = resources?.first?["scopeSpans"] as? [[String: Any]]
            spans += scopes?.first?["spans"] as? [[String: Any]] ?? []
        }
        return spans
    }

    private func tracer(_ lines: Lines) throws -> Tracer {
        try Tracer(
            node: "front", role: .coordinator, share: 0, seed: 1, clock: NodeEnvironment.inTest.clock,
            write: { line in
                lines.lines.withLock { $0.append(line) }
                return true
            })
    }

    @Test("a sampled ask has spans for its steps, and each other node is told of the span that causes its request")
    func steps() async throws {
        let lines = Lines()
        let tracer = try tracer(lines)
        let cluster = try FakeCluster(tracer: tracer)
        try await cluster.waitUntilComplete()
        let spans = try await spans(cluster, tracer, lines, trace: Self.context + "1")
        let names = spans.compactMap { $0["name"] as? String }
        #expect(names.first == "ask")
        #expect(
            names.sorted() == ["ask", "bottom_layers", "generate", "queue", "search", "shard_search", "shard_search"])
        #expect(spans.allSatisfy { $0["traceId"] as? String == "4bf92f3577b34da6a3ce929d0e0e4736" })
        func id(_ name: String) -> String? { spans.first { $0["name"] as? String == name }?["spanId"] as? String }
        for span in spans {
            let parent = span["parentSpanId"] as? String
            switch span["name"] as? String {
            case "ask": #expect(parent == "00f067aa0ba902b7")
            case "shard_search": #expect(parent == id("search"))
            default: #expect(parent == id("ask"))
            }
        }
        let told = cluster.traces.withLock { $0 }
        #expect(Set(told.map(\.node)) == ["shard-0", "shard-1", "writer"])
        for (node, trace) in told {
            let kind = node == "writer" ? "generate" : "shard_search"
            let ids = spans.filter { $0["name"] as? String == kind }.compactMap { $0["spanId"] as? String }
            #expect(trace.map { ids.contains($0.spanText) } == true && trace?.isSampled == true)
        }
    }

    @Test("a trace that is not sampled goes on as it came, and nothing is written")
    func unsampled() async throws {
        let lines = Lines()
        let tracer = try tracer(lines)
        let cluster = try FakeCluster(tracer: tracer)
        try await cluster.waitUntilComplete()
        #expect(try await spans(cluster, tracer, lines, trace: Self.context + "0").isEmpty)
        let told = cluster.traces.withLock { $0 }
        #expect(told.count == 3 && told.allSatisfy { $0.trace?.description == Self.context + "0" })
    }

    @Test("updates carry their trace to the shards")
    func updates() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let passages = [Passage(id: "a", title: "", text: "b")]
        _ = try await cluster.coordinator.call(
            .upsert(UpsertRequest(passages: passages, wait: .found)), trace: TraceContext(Self.context + "1"),
            deadline: .inTest())
        let told = cluster.traces.withLock { $0 }
        #expect(!told.isEmpty && told.allSatisfy { $0.trace?.description == Self.context + "1" })
    }

    @Test("a coordinator is ready once it has seen each partition and a generator, and says what is missing until then")
    func readiness() async throws {
        let lost = try FakeCluster(shards: [.normal, .absent])
        defer { lost.stop() }
        try await SimulatedTest.pass(milliseconds: 1000)
        #expect(lost.server.notReady == "no ready shard with partition 1 has been reached yet")
        let mute = try FakeCluster(generator: .otherModel)
        defer { mute.stop() }
        try await SimulatedTest.pass(milliseconds: 1000)
        #expect(mute.server.notReady == "no ready generator has been reached yet")
    }

    @Test("a coordinator that was ready stays so while shards come and go")
    func staysReady() async throws {
        let cluster = try FakeCluster(shards: [.normal, .normal], replicas: 2)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        #expect(cluster.server.notReady == nil)
        let samples = cluster.server.metrics.samples
        #expect(samples.total("imprag_ready_replicas") == 2)
        #expect(samples.total("imprag_nodes", [MetricLabel("kind", "shard")]) == 2)
        for shard in ["shard-0", "shard-1"] { cluster.peers.lost(shard, ImpRAGError(.unavailable, "it has gone")) }
        #expect(cluster.server.notReady == nil)
        #expect(cluster.server.metrics.samples.total("imprag_ready_replicas") == 0)
        cluster.server.beginDraining()
        #expect(cluster.server.notReady?.contains("draining") == true)
    }

    @Test("batches of prompts and commits are counted")
    func counted() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        _ = try await cluster.ask(AskRequest(prompt: "ab", k: 2))
        _ = try await cluster.coordinator.call(.delete(DeleteRequest(ids: ["a"])), deadline: .inTest())
        let samples = cluster.server.metrics.samples
        #expect(samples.total("imprag_prompt_batches_total") == 1 && samples.total("imprag_prompts_total") == 1)
        #expect(samples.total("imprag_prompt_tokens_total") == 3)
        #expect(samples.total("imprag_commits_total") == 1 && samples.total("imprag_committed_updates_total") == 1)
        #expect(samples.total("imprag_failed_commits_total") == 0 && samples.total("imprag_epoch") == 1)
        #expect(samples.histogram("imprag_commit_seconds")?.count == 1)
    }
}
