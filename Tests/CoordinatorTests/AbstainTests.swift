import Cluster
import Core
import Messaging
import Platform
import SimulatedWorld
import Storage
import Synchronization
import Testing
import Wire

@testable import Coordinator

/// Questions that get no answer, and why. The fake shards' best score is 0, each passage gets a quarter of the
/// attention.
@Suite(.simulated) struct AbstainTests {
    private func thresholds(
        k: Int = 2, vector: Float? = nil, mass: Float? = nil
    ) -> CertaintyThresholds {
        CertaintyThresholds(
            fingerprint: FakeCluster.model.description, words: .off, encoding: .concatenated, k: k,
            vectorScore: vector, passageMass: mass, questions: 50)
    }

    private func keep(_ thresholds: CertaintyThresholds, in cluster: FakeCluster) async throws {
        try StoredCollection(cluster.store).keep(thresholds, deadline: .inTest())
        // From then on they hold.
        let clock = NodeEnvironment.inTest.clock
        try await clock.sleep(until: clock.now + CollectionReader.freshness)
    }

    private let ask = AskRequest(prompt: "ab", k: 2, abstains: true)

    @Test(
        "without thresholds a question is refused when there are no passages, and the answer says what is not checked")
    func noContext() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let refused = try await cluster.ask(AskRequest(prompt: "ab", k: 0, abstains: true))
        #expect(refused.done?.abstention?.reason == .noContext && refused.text.isEmpty)
        #expect(refused.done?.generatedTokenCount == 0 && refused.done?.end == .stop && refused.sources?.passages == [])
        let given = try await cluster.ask(ask)
        #expect(given.done?.abstention == nil && !given.text.isEmpty)
        #expect(given.done?.abstainNotice.contains("has no thresholds") == true)
        let plain = try await cluster.ask(AskRequest(prompt: "ab", k: 0))
        #expect(plain.done?.abstention == nil && plain.done?.abstainNotice == "" && !plain.text.isEmpty)
        #expect(plain.done?.record?.abstains == false && refused.done?.record?.abstains == true)
    }

    @Test("a missing shard is a reason where partial answers are allowed, and an error where they are not")
    func partialIndex() async throws {
        let cluster = try FakeCluster(shards: [.normal, .fails(ImpRAGError(.internal, "a bug"))])
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        var partial = ask
        partial.completeness = .partial
        let refused = try await cluster.ask(partial)
        #expect(refused.done?.abstention?.reason == .partialIndex && refused.text.isEmpty)
        #expect(refused.done?.abstention?.why.contains("shard-1") == true)
        #expect(refused.done?.record?.partitions.map(\.partition) == [0])
        await #expect(throws: ImpRAGError.self) { _ = try await cluster.ask(ask) }
    }

    @Test("scores below the threshold are refused before a generator is asked; new thresholds hold a second later")
    func lowScore() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        try await keep(thresholds(vector: 0.5), in: cluster)
        let refused = try await cluster.ask(ask)
        #expect(refused.done?.abstention?.reason == .lowScore && refused.text.isEmpty)
        #expect(refused.sources?.passages.count == 2 && refused.done?.passageAttention == [])
        #expect(refused.done?.abstainNotice == "")
        #expect(!cluster.traces.withLock { $0.contains { $0.node == "writer" } })
        let other = try await cluster.ask(AskRequest(prompt: "ab", k: 3, abstains: true))
        #expect(other.done?.abstention == nil && other.done?.abstainNotice.contains("k = 2") == true)
        try await keep(thresholds(vector: -0.5), in: cluster)
        let given = try await cluster.ask(ask)
        #expect(given.done?.abstention == nil && !given.text.isEmpty)
    }

    @Test("too little attention is said at the end, after the text")
    func unsupported() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        try await keep(thresholds(mass: 0.75), in: cluster)
        let refused = try await cluster.ask(ask)
        #expect(refused.done?.abstention?.reason == .unsupported && !refused.text.isEmpty)
        #expect(refused.done?.abstention?.why.contains("0.5") == true)
    }

    @Test("the coordinator's policy holds for requests that say nothing")
    func policy() async throws {
        let cluster = try FakeCluster(settings: #", "abstain": true"#)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        #expect(try await cluster.ask(AskRequest(prompt: "ab", k: 0)).done?.abstention?.reason == .noContext)
        #expect(try await cluster.ask(AskRequest(prompt: "ab", k: 0, abstains: false)).done?.abstention == nil)
    }

    @Test("the record says what was left open, and what was searched")
    func record() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let request = AskRequest(
            prompt: "ab", sampling: SamplingOptions(temperature: 0.5), options: SearchOptions(minEpoch: 4))
        let record = try #require(try await cluster.ask(request).done?.record)
        #expect(record.fingerprint == FakeCluster.model && record.collectionName == "fake")
        #expect(record.coordinator == Arithmetic(build: Build.version, compute: "f32", kernels: "portable"))
        #expect(record.generator == Arithmetic(build: "0.1.0", compute: "bf16", kernels: "avx2"))
        #expect(record.collectionID == cluster.collectionLog.identity.id.description)
        #expect(record.k == 2 && record.encoding == .concatenated && record.wordsWeight == nil)
        #expect(record.sampling.seed != nil && record.sampling.maxTokens == 128)
        #expect(record.partitions == [0, 1].map { PartitionFigures(partition: $0, passages: 100, epoch: 4) })
        let fused = try await cluster.ask(
            AskRequest(prompt: "ab", k: 1, words: WordsOptions(mode: .fuse, weight: 0.25)))
        #expect(fused.done?.record?.wordsWeight == 0.25)
    }
}
