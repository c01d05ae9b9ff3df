import Cluster
import Core
import Model
import Testing
import Wire

@testable import Coordinator
@testable import Messaging

/// An ask as a value: events in, actions out, and time that the test moves.
struct AskSessionTests {
    private let start = ContinuousClock.now

    private func session(_ ask: AskRequest = AskRequest(prompt: "ab", k: 1)) throws -> AskSession {
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "c", "role": "coordinator" },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        guard case .coordinator(let settings) = try cluster.node(named: "c").role else {
            throw ImpRAGError(.internal, "no coordinator")
        }
        return try AskSession(
            ask, check: RequestCheck(settings: settings, shape: FakeEncoder().shape),
            context: AnswerContext(
                fingerprint: FakeCluster.model,
                arithmetic: Arithmetic(build: "0.1.0", compute: "f32", kernels: "portable")),
            deadline: Deadline(start + .seconds(10)),
            arrival: start, seed: 77)
    }

    /// An action, in short.
    private func words(_ actions: [SessionAction]) -> [String] {
        actions.map { action in
            switch action {
            case .tokenize: "tokenize"
            case .encode(let tokens, let k): "encode \(tokens.count) k=\(k)"
            case .look: "look"
            case .search(let part, _, let tensors): "search \(part.node) \(part.milliseconds) \(tensors.count)"
            case .dropSearch(let part, _): "drop \(part.node)"
            case .hedge(let instant): "hedge \(Int((instant - start) / .milliseconds(1)))"
            case .reserveGenerator: "reserve"
            case .wake(let instant): "wake \(Int((instant - start) / .milliseconds(1)))"
            case .generate(let attempt, let name, let request, let tensors, _):
                "generate \(attempt) \(name)"
                    + (request.resumeTokens.isEmpty ? "" : " after \(request.resumeTokens) with \(tensors.count)")
            case .releaseGenerator(let name): "release \(name)"
            case .lostGenerator(let name, _): "lost \(name)"
            case .reply(let reply): reply.name
            case .finish(let reply): "finish \(reply.name)"
            case .fail(let error): "fail \(error.code)"
            }
        }
    }

    private let prompt = EncodedPrompt(
        tokens: [1, 97, 98], queryEmbedding: [1], tensors: [Tensor([Float](arrayLiteral: 1), shape: [1])],
        queueTime: .zero,
        promptTime: .zero)

    private let known: FanOut.Knowledge = FanOut.Knowledge(
        topology: Topology(version: 1, nodes: [], owners: [["s"]]), states: ["s": .ready], passages: [0: 9])

    private let found = ShardSearchReply(
        queries: [
            QueryHits(passages: [ScoredPassage(passage: Passage(id: "p", title: "", text: "t"), score: 1, rank: 0)])
        ], passagesSearched: 9, partitions: [PartitionFigures(partition: 0, passages: 9, epoch: 0)])

    /// A session whose passages are found.
    private func searched(_ ask: AskRequest = AskRequest(prompt: "ab", k: 1)) throws -> AskSession {
        var session = try session(ask)
        #expect(words(session.begin()) == ["tokenize"])
        #expect(words(session.handle(.tokenized(.success([1, 97, 98])), at: start)) == ["encode 3 k=1"])
        #expect(words(session.handle(.encoded(.success(prompt)), at: start)) == ["look"])
        // The shards get half of the ten seconds.
        #expect(words(session.handle(.looked(known), at: start)) == ["search s 5000 1"])
        #expect(words(session.handle(.part(0, .success(found)), at: start)) == ["ask_sources", "reserve"])
        return session
    }

    @Test("messages go to the model's template, all of them")
    func messages() throws {
        let chat = [ChatMessage(role: "system", content: "s"), ChatMessage(role: "user", content: "ab")]
        guard case .tokenize(let text) = try session(AskRequest(prompt: "", k: 1, messages: chat)).begin().first else {
            Issue.record("an ask begins with its tokens")
            return
        }
        #expect(text == .chat(chat))
    }

    private func reply(_ body: Reply, isLast: Bool = false) -> CallEvent {
        .reply(IncomingReply(body: body, tensors: [], fingerprint: nil, node: "g"), isLast: isLast)
    }

    private let token = Reply.token(AnswerToken(text: "x", token: 1, logprob: 0))
    private let done = Reply.generateDone(
        GenerateDone(end: .stop, passageAttention: [1], generatedTokenCount: 1, timings: Timings()))

    @Test("an answer relays the tokens, and releases its generator at the end")
    func answer() throws {
        var session = try searched()
        #expect(words(session.handle(.reserved(.success(.reserved("g"))), at: start)) == ["generate 1 g"])
        #expect(words(session.handle(.generated(attempt: 1, reply(token)), at: start)) == ["token"])
        #expect(words(session.handle(.generated(attempt: 1, reply(token)), at: start)) == ["token"])
        let last = session.handle(.generated(attempt: 1, reply(done, isLast: true)), at: start + .milliseconds(70))
        #expect(words(last) == ["release g", "finish ask_done"])
        guard case .finish(.askDone(let end))? = last.last else { throw ImpRAGError(.internal, "no end") }
        #expect(end.timings.total == .milliseconds(70) && end.completeness.isComplete && end.promptTokenCount == 3)
        for event in [SessionEvent.abandoned, .alarm, .generated(attempt: 1, reply(token))] {
            #expect(session.handle(event, at: start).isEmpty)
        }
    }

    /// A session whose answer has two tokens from `g`.
    private func begun(_ ask: AskRequest = AskRequest(prompt: "ab", k: 1)) throws -> AskSession {
        var session = try searched(ask)
        _ = session.handle(.reserved(.success(.reserved("g"))), at: start)
        for id in [Int32(5), 6] {
            let token = Reply.token(AnswerToken(text: "x", token: id, logprob: 0))
            #expect(words(session.handle(.generated(attempt: 1, reply(token)), at: start)) == ["token"])
        }
        return session
    }

    private let lost = CallEvent.failed(ImpRAGError(.unavailable, "the connection was lost"))

    @Test(
        "a generator that is lost, before its first token or later, is replaced; what an earlier one sends is ignored")
    func lostGenerator() throws {
        var session = try searched()
        _ = session.handle(.reserved(.success(.reserved("g"))), at: start)
        #expect(words(session.handle(.generated(attempt: 1, lost), at: start)) == ["release g", "lost g", "reserve"])
        #expect(words(session.handle(.reserved(.success(.reserved("h"))), at: start)) == ["generate 2 h"])
        #expect(session.handle(.generated(attempt: 1, reply(token)), at: start).isEmpty)
        _ = session.handle(.generated(attempt: 2, reply(token)), at: start)
        #expect(words(session.handle(.generated(attempt: 2, lost), at: start)) == ["release h", "lost h", "reserve"])
        // It gets the prompt's state again, and what the client has.
        #expect(
            words(session.handle(.reserved(.success(.reserved("g"))), at: start)) == ["generate 3 g after [1] with 1"])
        #expect(words(session.handle(.generated(attempt: 3, reply(token)), at: start)) == ["token"])
        #expect(
            words(session.handle(.generated(attempt: 3, reply(done, isLast: true)), at: start)).last
                == "finish ask_done")
    }

    @Test("a generator that stops hands its answers back; any other error that it reports ends them")
    func stoppingGenerator() throws {
        var session = try begun()
        let stopping = ImpRAGError(.unavailable, "it is stopping", cause: RemoteFailure(node: "g"))
        #expect(
            words(session.handle(.generated(attempt: 1, .failed(stopping)), at: start)) == [
                "release g", "lost g", "reserve",
            ])
        #expect(
            words(session.handle(.reserved(.success(.reserved("h"))), at: start))
                == ["generate 2 h after [5, 6] with 1"])
        let broken = ImpRAGError(.internal, "the model broke", cause: RemoteFailure(node: "h"))
        #expect(
            words(session.handle(.generated(attempt: 2, .failed(broken)), at: start)) == ["release h", "fail internal"])
    }

    @Test("an answer outlives any number of generators that bring it on, but not five in a row that fail at one token")
    func manyLost() throws {
        var session = try searched()
        for number in 1...12 {
            _ = session.handle(.reserved(.success(.reserved("g"))), at: start)
            if number <= 8 {
                let token = Reply.token(AnswerToken(text: "x", token: Int32(number), logprob: 0))
                #expect(words(session.handle(.generated(attempt: number, reply(token)), at: start)) == ["token"])
            }
            let last = words(session.handle(.generated(attempt: number, lost), at: start))
            #expect(last == (number < 12 ? ["release g", "lost g", "reserve"] : ["release g", "fail unavailable"]))
        }
    }

    @Test("the rest of the text behind the last token is relayed once, whoever sends it")
    func restOnce() throws {
        var session = try begun()
        let rest = reply(.token(AnswerToken(text: "held", token: nil, logprob: 0)))
        #expect(words(session.handle(.generated(attempt: 1, rest), at: start)) == ["token"])
        _ = session.handle(.generated(attempt: 1, lost), at: start)
        _ = session.handle(.reserved(.success(.reserved("h"))), at: start)
        #expect(session.handle(.generated(attempt: 2, rest), at: start).isEmpty)
        #expect(
            words(session.handle(.generated(attempt: 2, reply(done, isLast: true)), at: start)) == [
                "release h", "finish ask_done",
            ])
    }

    @Test(
        "an answer leaves a generator that does not answer as soon as there is another one, unless it is heard from before"
    )
    func doubtedGenerator() throws {
        var session = try begun()
        let reason = ImpRAGError(.deadlineExceeded, "no generator is ready: g does not answer")
        #expect(session.handle(.lost("s"), at: start).isEmpty)
        #expect(session.handle(.generatorsChanged, at: start).isEmpty)
        // Alone, it keeps the answer.
        #expect(words(session.handle(.lost("g"), at: start)) == ["reserve"])
        #expect(session.handle(.reserved(.success(.notYet(reason: reason))), at: start).isEmpty)
        #expect(words(session.handle(.generatorsChanged, at: start)) == ["reserve"])
        #expect(session.handle(.reserved(.failure(reason)), at: start).isEmpty)
        #expect(words(session.handle(.generated(attempt: 1, reply(token)), at: start)) == ["token"])
        #expect(session.handle(.generatorsChanged, at: start).isEmpty)
        // It is ready again by its status, and no token has come yet.
        _ = session.handle(.lost("g"), at: start)
        #expect(words(session.handle(.reserved(.success(.reserved("g"))), at: start)) == ["release g"])
        #expect(session.handle(.generatorsChanged, at: start).isEmpty)
        // Another one takes over, and what the first still sends is ignored.
        _ = session.handle(.lost("g"), at: start)
        #expect(
            words(session.handle(.reserved(.success(.reserved("h"))), at: start)) == [
                "release g", "generate 2 h after [5, 6, 1] with 1",
            ])
        #expect(session.handle(.generated(attempt: 1, reply(token)), at: start).isEmpty)
        #expect(session.handle(.generated(attempt: 1, lost), at: start).isEmpty)
    }

    @Test(
        "an answer that has begun waits for a generator until its deadline; one that has not fails when none is to be expected"
    )
    func noOtherGenerator() throws {
        let none = ImpRAGError(.unavailable, "no generator is ready: g cannot be reached")
        var early = try searched()
        #expect(words(early.handle(.reserved(.failure(none)), at: start)) == ["fail unavailable"])
        var session = try begun()
        _ = session.handle(.generated(attempt: 1, lost), at: start)
        #expect(words(session.handle(.reserved(.failure(none)), at: start)) == ["wake 9950"])
        #expect(words(session.handle(.generatorsChanged, at: start)) == ["reserve"])
        // An alarm that something else had set.
        #expect(session.handle(.alarm, at: start + .seconds(5)).isEmpty)
        #expect(
            words(session.handle(.reserved(.success(.reserved("g"))), at: start)) == [
                "generate 2 g after [5, 6] with 1"
            ])
        _ = session.handle(.generated(attempt: 2, lost), at: start)
        _ = session.handle(.reserved(.failure(none)), at: start)
        #expect(words(session.handle(.alarm, at: start + .milliseconds(9950))) == ["fail unavailable"])
    }

    @Test("a sampled answer has a seed, the client's or one for all generators; a greedy one needs none")
    func seed() throws {
        func seeds(_ sampling: SamplingOptions) throws -> [UInt64?] {
            var session = try searched(AskRequest(prompt: "ab", k: 1, sampling: sampling))
            var seeds: [UInt64?] = []
            for (attempt, name) in [(1, "g"), (2, "h")] {
                let handed = session.handle(.reserved(.success(.reserved(name))), at: start)
                guard case .generate(_, _, let request, _, _)? = handed.last else { return seeds }
                seeds.append(request.sampling.seed)
                _ = session.handle(.generated(attempt: attempt, lost), at: start)
            }
            return seeds
        }
        #expect(try seeds(SamplingOptions(temperature: 1)) == [77, 77])
        #expect(try seeds(SamplingOptions(temperature: 1, seed: 3)) == [3, 3])
        #expect(try seeds(SamplingOptions()) == [nil, nil])
    }

    @Test("while no generator is ready the request waits, and says why none became ready just before its deadline")
    func waiting() throws {
        var session = try searched()
        let reason = ImpRAGError(.deadlineExceeded, "no generator is ready: g does not answer")
        #expect(words(session.handle(.reserved(.success(.notYet(reason: reason))), at: start)) == ["wake 9950"])
        #expect(words(session.handle(.generatorsChanged, at: start)) == ["reserve"])
        #expect(session.handle(.reserved(.success(.notYet(reason: reason))), at: start).isEmpty)
        guard case .fail(let error)? = session.handle(.alarm, at: start + .milliseconds(9950)).first else {
            throw ImpRAGError(.internal, "no failure")
        }
        #expect(error.message == reason.message)
    }

    @Test("an abandoned request releases its generator and does nothing more, in whatever phase it is")
    func abandoned() throws {
        var early = try session()
        #expect(words(early.handle(.abandoned, at: start)) == ["fail cancelled"])
        #expect(early.handle(.tokenized(.success([1])), at: start).isEmpty)
        var late = try searched()
        _ = late.handle(.reserved(.success(.reserved("g"))), at: start)
        #expect(words(late.handle(.abandoned, at: start)) == ["release g", "fail cancelled"])
    }

    @Test("an ask by words alone sends shards no vector, although its prompt was read")
    func wordsOnly() throws {
        var session = try session(AskRequest(prompt: "ab", k: 1, words: WordsOptions(mode: .only)))
        _ = session.handle(.tokenized(.success([1, 97, 98])), at: start)
        _ = session.handle(.encoded(.success(prompt)), at: start)
        #expect(words(session.handle(.looked(known), at: start)) == ["search s 5000 0"])
    }
}
