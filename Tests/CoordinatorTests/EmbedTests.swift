import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Coordinator

/// Embeddings that clients ask a coordinator for.
@Suite(.simulated) struct EmbedTests {
    private func embed(
        _ cluster: FakeCluster, _ texts: [String], _ role: EmbeddingRole = .query, milliseconds: Int = 30_000
    ) async throws(ImpRAGError) -> (reply: EmbedReply, vectors: [Float]) {
        let reply = try await cluster.coordinator.call(
            .embed(EmbedRequest(texts: texts, role: role)), deadline: .inTest(milliseconds: milliseconds))
        guard case .embed(let embedded) = reply.body, reply.fingerprint == FakeCluster.model else {
            throw ImpRAGError(.internal, reply.body.name)
        }
        return (embedded, try reply.tensors[0].floats("vectors", shape: [texts.count, 1]))
    }

    private func refusal(
        _ cluster: FakeCluster, _ texts: [String], _ role: EmbeddingRole = .query, milliseconds: Int = 30_000
    ) async -> ImpRAGError? {
        do throws(ImpRAGError) {
            _ = try await embed(cluster, texts, role, milliseconds: milliseconds)
            return nil
        } catch {
            return error
        }
    }

    @Test("each text has its vector, in order, as what it is; passages are cut as at indexing, and that is told")
    func vectors() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let texts = (0..<100).map { String(repeating: "a", count: 1 + $0 % 20) }
        let (queries, sums) = try await embed(cluster, texts)
        #expect(sums == texts.map { Float(1 + 97 * $0.utf8.count) })
        #expect(queries.tokenCounts == texts.map { 1 + $0.utf8.count } && !queries.cuts.contains(true))
        let (passages, others) = try await embed(cluster, texts, .passage)
        #expect(others == texts.map { -Float(1 + 97 * min(9, $0.utf8.count)) })
        #expect(passages.tokenCounts == texts.map { min(10, 1 + $0.utf8.count) })
        #expect(passages.cuts == texts.map { $0.utf8.count > 9 })
    }

    @Test("what cannot be embedded is refused by its place, and the coordinator keeps serving")
    func refused() async throws {
        let cluster = try FakeCluster(settings: ", \"max_prompt_tokens\": 100")
        defer { cluster.stop() }
        for (texts, role, reason) in [
            ([], .query, "there are 0 texts; 1 to 2048"), (["a", " \n"], .passage, "texts[1] is empty"),
            (["", "a", ""], .query, "texts[0] is empty or only white space; texts[2] is empty"),
            ([String(repeating: "a", count: 7000)], .query, "texts[0] has 7000 bytes; at most 6400"),
            (["a", String(repeating: "a", count: 200)], .query, "texts[1]: the prompt has 201 tokens; at most 100"),
            (["a", "B", "c"], .passage, "texts[1]: a bad text"),
            (Array(repeating: "", count: 2048), .query, "texts[4] is empty or only white space; and more"),
        ] as [([String], EmbeddingRole, String)] {
            let error = await refusal(cluster, texts, role)
            #expect(error?.code == .invalidArgument, "\(reason)")
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        #expect(try await embed(cluster, ["a"]).vectors == [98])
    }

    @Test("an ask, and another client's text, do not wait behind somebody's long list")
    func fairness() async throws {
        let cluster = try FakeCluster(encoder: FakeEncoder(embeddingTime: .milliseconds(10)))
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let other = try NodeEnvironment.inTest.messenger("", limits: MessagingLimits())
        defer { other.close() }
        let peer = try other.connect(to: cluster.server.endpoint, name: "front")
        let long = SimulatedTest.task {
            try await embed(cluster, (0..<200).map { _ in String(repeating: "x", count: 100) })
        }
        try await SimulatedTest.wait { cluster.encoder.batches.withLock { $0.count >= 5 } }
        _ = try await peer.call(
            .embed(EmbedRequest(texts: ["a"], role: .query)), deadline: .inTest(milliseconds: 1000))
        _ = try await cluster.ask(AskRequest(prompt: "ab"), milliseconds: 1000)
        #expect(cluster.encoder.batches.withLock { $0.count } < 100, "the long list is done")
        #expect(try await long.value.vectors.count == 200)
    }

    @Test("a client that goes away, and a deadline, stop what is left of a list")
    func stopped() async throws {
        let cluster = try FakeCluster(encoder: FakeEncoder(embeddingTime: .milliseconds(10)))
        defer { cluster.stop() }
        let texts = (0..<500).map { _ in String(repeating: "x", count: 100) }
        #expect(await refusal(cluster, texts, milliseconds: 200)?.code == .deadlineExceeded)
        let replies = try cluster.coordinator.stream(
            .embed(EmbedRequest(texts: texts, role: .passage)), deadline: .inTest())
        let before = cluster.encoder.batches.withLock { $0.count }
        try await SimulatedTest.wait { cluster.encoder.batches.withLock { $0.count > before + 2 } }
        replies.cancel()
        try await SimulatedTest.pass(milliseconds: 100)
        let count = cluster.encoder.batches.withLock { $0.count }
        try await SimulatedTest.pass(milliseconds: 1000)
        #expect(cluster.encoder.batches.withLock { $0.count } == count && count < 100)
        #expect(cluster.service.batcher.waitingCount == 0)
        #expect(try await embed(cluster, ["a"]).vectors == [98])
    }
}
