import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import Testing
import Wire

@testable import Coordinator

@Suite(.simulated) struct CoordinatorServiceTests {
    private func error(_ body: () async throws(ImpRAGError) -> Void) async -> ImpRAGError? {
        do throws(ImpRAGError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("an ask returns its sources, then the answer made from them and the prompt's state, then the figures")
    func ask() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let answer = try await cluster.ask(AskRequest(prompt: "ab", k: 3))
        #expect(answer.sources?.passages.map(\.passage.id) == ["shard-0/0", "shard-1/0", "shard-0/1"])
        #expect(answer.sources?.passages.map(\.rank) == [0, 1, 2])
        #expect(answer.sources?.passages.first?.passage.title == "Title")
        #expect(answer.sources?.completeness.isComplete == true)
        #expect(answer.sources?.completeness.passagesSearched == 200)
        #expect(answer.text == "shard-0/0;shard-1/0;shard-0/1;sum 196.0;")
        #expect(answer.done?.end == .stop)
        #expect(answer.done?.passageAttention == [0.25, 0.25, 0.25])
        #expect(answer.done?.promptTokenCount == 3)
        #expect(answer.done?.generatedTokenCount == 4)
        #expect(answer.done?.timings.read == .milliseconds(3))
        #expect((answer.done?.timings.total ?? .zero) > .zero)
    }

    @Test("of two replicas one is asked, they take turns, and passages count once")
    func replicas() async throws {
        let cluster = try FakeCluster(shards: [.normal, .normal], replicas: 2)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        var asked: [String] = []
        for _ in 0..<4 {
            let found = try #require(try await cluster.ask(AskRequest(prompt: "ab", k: 1)).sources?.completeness)
            #expect(found.isComplete && found.passagesSearched == 100 && found.passagesTotal == 100)
            asked += found.shards.map(\.name)
        }
        #expect(asked == ["shard-0", "shard-1", "shard-0", "shard-1"])
        #expect(try await cluster.status().first { $0.name == "front" }?.passages == 100)
        #expect(cluster.peers.membership.withLock { $0.members.allSatisfy { $0.inFlight == 0 } })
    }

    @Test("a replica that answers no search costs half of the time, or less where a hedge may be asked for; none fails")
    func hedges() async throws {
        let cluster = try FakeCluster(shards: [.mute, .normal], replicas: 2)
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let count = 100
        for _ in 0..<count {
            let found = try await cluster.ask(AskRequest(prompt: "ab", k: 1), milliseconds: 400).sources?.completeness
            #expect(found?.isComplete == true && found?.passagesSearched == 100)
        }
        let samples = cluster.server.metrics.samples
        let hedges = try #require(samples.total("imprag_hedged_searches_total"))
        #expect(hedges >= 1 && hedges <= 0.05 * Double(2 * count))
        let wins = try #require(samples.total("imprag_hedge_wins_total"))
        #expect(wins >= 1 && wins <= hedges, "\(wins) of \(hedges)")
        #expect(samples.total("imprag_retried_searches_total").map { $0 >= 1 } == true)
        #expect(cluster.peers.membership.withLock { $0.members.allSatisfy { $0.inFlight == 0 } })
    }

    @Test("when a replica is behind the epoch that a search wants, the other one answers")
    func replicaBehind() async throws {
        let broken = try FakeCluster(
            shards: [.fails(ImpRAGError(.failedPrecondition, "it stays at epoch 3")), .normal], replicas: 2)
        defer { broken.stop() }
        try await broken.waitUntilComplete()
        for _ in 0..<3 {
            let answer = try await broken.ask(AskRequest(prompt: "ab", k: 1, options: SearchOptions(minEpoch: 4)))
            #expect(answer.sources?.completeness.isComplete == true)
        }
        #expect(broken.peers.membership.withLock { $0.members.allSatisfy { $0.inFlight == 0 } })
    }

    @Test("k = 0 asks no shard, and texts are left out on request")
    func noRetrieval() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let plain = try await cluster.ask(AskRequest(prompt: "ab", k: 0))
        #expect(plain.sources?.passages.isEmpty == true)
        #expect(plain.sources?.completeness.isComplete == true)
        #expect(plain.text == "sum 196.0;")
        #expect(cluster.shardSearches.load(ordering: .relaxed) == 0)
        let short = try await cluster.ask(AskRequest(prompt: "ab", omitPassageText: true))
        #expect(short.sources?.passages.map(\.passage.text) == ["", ""])
        #expect(short.text.hasPrefix("shard-0/0;"))
    }

    @Test("a search gives the merged passages without an answer")
    func search() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let reply = try await cluster.coordinator.call(
            .search(SearchRequest(prompt: "ab", k: 1)), deadline: .inTest())
        guard case .search(let found) = reply.body else {
            Issue.record("\(reply.body.name)")
            return
        }
        #expect(found.passages.map(\.passage.id) == ["shard-0/0"])
        #expect(reply.fingerprint == FakeCluster.model)
    }

    @Test("words are searched for without the prompt's template; by words alone no prompt goes through the model")
    func words() async throws {
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        func search(_ words: WordsOptions) async throws -> SearchReply? {
            let reply = try await cluster.coordinator.call(
                .search(SearchRequest(prompt: "Q: red fox? A:", k: 3, words: words)),
                deadline: .inTest())
            guard case .search(let found) = reply.body else { return nil }
            return found
        }
        let only = try #require(try await search(WordsOptions(mode: .only)))
        #expect(only.passages.map(\.passage.id) == ["shard-0/2", "shard-1/2", "shard-0/1"])
        #expect(only.hasWords && only.passages.allSatisfy { $0.byVector == nil && $0.byWords != nil })
        #expect(cluster.lastWords.withLock { $0 } == WordsQuery(text: "red fox?", count: 100))
        #expect(cluster.encoder.batches.withLock { $0.isEmpty })

        let fused = try #require(try await search(WordsOptions(mode: .fuse)))
        #expect(fused.hasWords && fused.passages.contains { $0.byVector != nil && $0.byWords != nil })
        #expect(cluster.encoder.batches.withLock { $0.count } == 1)

        let off = try #require(try await search(WordsOptions()))
        #expect(!off.hasWords && off.passages.allSatisfy { $0.byVector == nil && $0.byWords == nil })
        #expect(cluster.lastWords.withLock { $0 } == nil)

        // The generator reads the passages of the fused list, in its order.
        let answer = try await cluster.ask(
            AskRequest(prompt: "ab", k: 2, words: WordsOptions(mode: .fuse, weight: 1)))
        #expect(answer.sources?.hasWords == true)
        #expect(answer.sources?.passages.map(\.passage.id) == ["shard-0/2", "shard-1/2"])
        #expect(answer.text.hasPrefix("shard-0/2;shard-1/2;"))
    }

    @Test("a shard that ignores words, or was indexed without them, is named; a weight without fuse is refused")
    func noWords() async throws {
        for (behaviour, reason) in [
            (FakeCluster.Behaviour.old, "version without them"),
            (.fails(ImpRAGError(.failedPrecondition, "index the corpus again")), "index the corpus again"),
        ] {
            let cluster = try FakeCluster(shards: [.normal, behaviour])
            defer { cluster.stop() }
            let failed = await error { () async throws(ImpRAGError) in
                _ = try await cluster.ask(AskRequest(prompt: "ab", words: WordsOptions(mode: .fuse)))
            }
            #expect(failed?.code == .failedPrecondition)
            #expect(failed?.message.contains("shard-1: ") == true, "\(failed?.message ?? "")")
            #expect(failed?.message.contains(reason) == true, "\(failed?.message ?? "")")
            let weighed = await error { () async throws(ImpRAGError) in
                _ = try await cluster.ask(AskRequest(prompt: "ab", words: WordsOptions(mode: .only, weight: 0.5)))
            }
            #expect(weighed?.code == .invalidArgument)
        }
    }

    @Test("no request is worked on for longer than max_deadline_milliseconds, whatever its deadline")
    func longestDeadline() async throws {
        let cluster = try FakeCluster(generator: .endless, settings: ", \"max_deadline_milliseconds\": 500")
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        let world = try #require(SimulatedTest.current?.world)
        let start = world.now
        let failed = await error { () async throws(ImpRAGError) in
            _ = try await cluster.ask(AskRequest(prompt: "ab"), milliseconds: 30_000)
        }
        #expect(failed?.code == .deadlineExceeded)
        #expect(world.now - start < .seconds(2))
        try await SimulatedTest.wait { cluster.cancelledGenerations.load(ordering: .relaxed) == 1 }
    }

    @Test("a shard that does not answer is an error that names it, in time; a partial answer is flagged")
    func lateShard() async throws {
        let cluster = try FakeCluster(shards: [.normal, .silent])
        defer { cluster.stop() }
        // A request that needs all shards waits for a silent one for half its time; one that can do without waits a
        // second.
        try await SimulatedTest.wait { cluster.peers.membership.withLock { $0.member("shard-1")?.state } != .unknown }
        let failed = await error { () async throws(ImpRAGError) in
            _ = try await cluster.ask(AskRequest(prompt: "ab"), milliseconds: 3000)
        }
        #expect(failed?.code == .deadlineExceeded)
        #expect(
            failed?.message.contains("1 of 2 shards answered; shard-1: ") == true,
            "\(failed?.message ?? "")")
        let early = await error { () async throws(ImpRAGError) in
            _ = try await cluster.ask(AskRequest(prompt: "ab", options: SearchOptions(minEpoch: 4)), milliseconds: 3000)
        }
        #expect(
            early?.message.contains(", perhaps because epoch 4 of the log is not there yet") == true,
            "\(early?.message ?? "")")
        let partial = try await cluster.ask(
            AskRequest(prompt: "ab", completeness: .partial))
        #expect(partial.sources?.passages.map(\.passage.id) == ["shard-0/0", "shard-0/1"])
        #expect(partial.sources?.completeness.isComplete == false)
        #expect(partial.sources?.completeness.shards.map(\.state) == [.answered, .timedOut])
        #expect(partial.done?.completeness.isComplete == false)
    }

    @Test("a shard that fails, runs another model, or is not there is named with its reason")
    func brokenShards() async throws {
        for (behaviour, code, reason) in [
            (FakeCluster.Behaviour.fails(ImpRAGError(.resourceExhausted, "full")), ErrorCode.resourceExhausted, "full"),
            (.otherModel, .failedPrecondition, FakeCluster.otherModel.description),
            (.absent, nil, "shard-1"),
        ] as [(FakeCluster.Behaviour, ErrorCode?, String)] {
            let cluster = try FakeCluster(shards: [.normal, behaviour])
            let failed = await error { () async throws(ImpRAGError) in
                _ = try await cluster.ask(AskRequest(prompt: "ab"))
            }
            if let code { #expect(failed?.code == code) }
            #expect(failed?.message.contains("shard-1: ") == true)
            #expect(failed?.message.contains(reason) == true, "\(failed?.message ?? "")")
            cluster.stop()
        }
    }

    @Test("a generator that fails or is not there is an error that names it, after the sources")
    func brokenGenerator() async throws {
        for behaviour in [FakeCluster.Behaviour.fails(ImpRAGError(.resourceExhausted, "full")), .absent, .otherModel] {
            let cluster = try FakeCluster(generator: behaviour)
            let failed = await error { () async throws(ImpRAGError) in
                _ = try await cluster.ask(AskRequest(prompt: "ab"))
            }
            #expect(failed != nil)
            #expect(failed.map { "\($0)".contains("writer") } == true, "\(failed?.description ?? "")")
            cluster.stop()
        }
    }

    @Test("a generator that is lost before its first token is replaced by another one")
    func replacedGenerator() async throws {
        let cluster = try FakeCluster(secondGenerator: .absent)
        defer { cluster.stop() }
        for _ in 0..<4 { #expect(try await cluster.ask(AskRequest(prompt: "ab")).done != nil) }
    }

    @Test("a generator that takes no work, as one that is stopping, is replaced by another one")
    func stoppingGenerator() async throws {
        let cluster = try FakeCluster(secondGenerator: .fails(ImpRAGError(.unavailable, "it is stopping")))
        defer { cluster.stop() }
        try await cluster.waitUntilComplete()
        for _ in 0..<4 { #expect(try await cluster.ask(AskRequest(prompt: "ab")).done != nil) }
    }

    @Test("a client that cancels or goes away stops its own generation and nobody else's")
    func cancel() async throws {
        let cluster = try FakeCluster(generator: .endless)
        defer { cluster.stop() }
        var streams: [ReplyStream] = []
        for _ in 0..<2 {
            let replies = try cluster.coordinator.stream(
                .ask(AskRequest(prompt: "ab")), deadline: .inTest())
            // Sources and three tokens.
            for _ in 0..<4 { #expect(try await replies.next() != nil) }
            streams.append(replies)
        }
        streams[0].cancel()
        try await SimulatedTest.wait { cluster.cancelledGenerations.load(ordering: .relaxed) > 0 }
        #expect(cluster.cancelledGenerations.load(ordering: .relaxed) == 1)
        cluster.client.close()
        try await SimulatedTest.wait { cluster.cancelledGenerations.load(ordering: .relaxed) > 1 }
        #expect(cluster.cancelledGenerations.load(ordering: .relaxed) == 2)
    }

    @Test("the deadline ends an answer that takes too long, and its generation")
    func deadline() async throws {
        let cluster = try FakeCluster(generator: .endless)
        defer { cluster.stop() }
        let replies = try cluster.coordinator.stream(
            .ask(AskRequest(prompt: "ab")), deadline: .inTest(milliseconds: 1000))
        var count = 0
        let failed = await error { () async throws(ImpRAGError) in
            while try await replies.next() != nil { count += 1 }
        }
        #expect(failed?.code == .deadlineExceeded)
        #expect(count == 4)
        try await SimulatedTest.wait { cluster.cancelledGenerations.load(ordering: .relaxed) == 1 }
    }

    @Test("status lists every node in the file's order, and one that does not answer as unreachable")
    func status() async throws {
        let cluster = try FakeCluster(shards: [.normal, .silent])
        defer { cluster.stop() }
        let nodes = try await cluster.status()
        #expect(nodes.map(\.name) == ["front", "shard-0", "shard-1", "writer"])
        #expect(nodes.map(\.state) == [.ready, .ready, .unreachable, .ready])
        #expect(nodes.map(\.role) == [.coordinator, .shard, .shard, .generator])
    }

    @Test("prompts that arrive together run through the model together, and a bad one fails alone")
    func batching() async throws {
        SimulatedTest.current?.world.jobMilliseconds["prompts"] = 100...100
        let cluster = try FakeCluster()
        defer { cluster.stop() }
        let results = await withTaskGroup(of: ErrorCode?.self) { group in
            for prompt in ["a", "b", "c", "B", "d"] {
                group.addTask {
                    await self.error { () async throws(ImpRAGError) in
                        _ = try await cluster.ask(AskRequest(prompt: prompt, k: 0))
                    }?.code
                }
            }
            return await group.reduce(into: [ErrorCode?]()) { $0.append($1) }
        }
        #expect(results.filter { $0 == .internal }.count == 1)
        #expect(results.filter { $0 == nil }.count == 4)
        // Those that arrived while the first batch ran are the second; it fails, and each is retried alone.
        #expect((cluster.encoder.batches.withLock { $0.max() } ?? 0) >= 2)
    }

    @Test("requests that cannot work are refused with what would be right, and the coordinator keeps serving")
    func invalid() async throws {
        let cluster = try FakeCluster(settings: ", \"max_prompt_tokens\": 100, \"max_k\": 5")
        defer { cluster.stop() }
        let requests: [(AskRequest, String)] = [
            (AskRequest(prompt: "ab", k: 6), "k is 6; 0 to 5 is allowed"),
            (AskRequest(prompt: String(repeating: "x", count: 200)), "the prompt has 201 tokens; at most 100"),
            (AskRequest(prompt: "ab", sampling: SamplingOptions(temperature: .nan)), "temperature"),
            (AskRequest(prompt: "ab", sampling: SamplingOptions(maxTokens: 0)), "max_tokens is 0"),
            (AskRequest(prompt: "ab", sampling: SamplingOptions(maxTokens: 999)), "at most 977 are left"),
        ]
        for (request, reason) in requests {
            let failed = await error { () async throws(ImpRAGError) in _ = try await cluster.ask(request) }
            #expect(failed?.code == .invalidArgument)
            #expect(failed?.message.contains(reason) == true, "\(failed?.message ?? "")")
        }
        let foreign = await error { () async throws(ImpRAGError) in
            _ = try await cluster.coordinator.call(
                .search(SearchRequest(prompt: "ab")), fingerprint: FakeCluster.otherModel,
                deadline: .inTest())
        }
        #expect(foreign?.code == .failedPrecondition)
        let wrong = await error { () async throws(ImpRAGError) in
            _ = try await cluster.coordinator.call(
                .shardSearch(ShardSearchRequest(k: 1)), deadline: .inTest())
        }
        #expect(wrong?.code == .invalidArgument)
        #expect(try await cluster.ask(AskRequest(prompt: "ab")).done != nil)
    }

    @Test("states that do not fit their memory budget are refused, and the memory is given back")
    func stateMemory() async throws {
        // 16 bytes a token: room for ten tokens.
        let cluster = try FakeCluster(settings: ", \"max_state_memory\": 160")
        defer { cluster.stop() }
        let failed = await error { () async throws(ImpRAGError) in
            _ = try await cluster.ask(AskRequest(prompt: "0123456789"))
        }
        #expect(failed?.code == .resourceExhausted)
        #expect(failed?.message.contains("raise max_state_memory") == true)
        for _ in 0..<3 { #expect(try await cluster.ask(AskRequest(prompt: "012345678")).done != nil) }
    }
}
