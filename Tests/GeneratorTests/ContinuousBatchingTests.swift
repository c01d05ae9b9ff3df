import Cluster
import Core
import Messaging
import Model
import Platform
import SimulatedWorld
import TestSupport
import Testing
import Wire

@testable import Generator

/// Many answers at once from the shipped model.
@Suite(.simulated) struct ContinuousBatchingTests {
    /// Whether the node becomes idle within a few seconds.
    private func isIdle(_ node: ModelGenerator) async throws -> Bool {
        for _ in 0..<500 {
            let samples = node.server.metrics.samples
            let names = ["imprag_active_requests", "imprag_waiting_requests", "imprag_answer_bytes"]
            if names.allSatisfy({ samples.total($0) == 0 }) { return true }
            try await SimulatedTest.pass(milliseconds: 10)
        }
        return false
    }

    private func questions(_ count: Int, seed: UInt64) throws -> [ModelGenerator.Question] {
        var random = SeededGenerator(seed: seed)
        return try (0..<count).map { _ in
            let k = Int.random(in: 0...6, using: &random)
            return ModelGenerator.Question(
                tokens: try ModelGenerator.prompt(Int.random(in: 1...120, using: &random), &random), k: k,
                passages: (0..<(k == 0 ? 0 : Int.random(in: 0...k, using: &random))).map { _ in
                    ModelGenerator.passage(Int.random(in: 1...60, using: &random), &random)
                }, encoding: PassageEncoding.allCases.randomElement(using: &random) ?? .independent,
                maxTokens: Int.random(in: 1...150, using: &random), seed: random.next())
        }
    }

    // The largest request alone needs nine tenths of the small memory: 6 passages, each in its own blocks, and 270
    // tokens in 6 layers take 3.2 MiB.
    @Test(
        "64 requests at once, some cancelled, with memory for all or for few: every answer is as in a run alone, and nothing leaks",
        arguments: [7 << 19, 1 << 28])
    func manyAtOnce(memory: Int) async throws {
        let seed: UInt64 = 64
        let questions = try questions(64, seed: seed)
        let states = try questions.map { try ModelGenerator.state(of: $0) }
        let node = try ModelGenerator(memory: memory)
        let answers = try await withThrowingTaskGroup(of: (Int, ModelGenerator.Answer?).self) { group in
            for (number, question) in questions.enumerated() {
                let replies = try node.stream(question, states[number])
                group.addTask {
                    guard number % 4 == 1 else { return (number, try await ModelGenerator.rest(of: replies)) }
                    // Some at once, some while they wait, some after a few tokens.
                    for _ in 0..<number % 7 {
                        guard case .token? = try await replies.next()?.body else { break }
                    }
                    replies.cancel()
                    return (number, nil)
                }
            }
            var answers: [Int: ModelGenerator.Answer] = [:]
            for try await (number, answer) in group { answers[number] = answer }
            return answers
        }
        #expect(answers.count == 48)
        for (number, answer) in answers {
            #expect(try answer == ModelGenerator.solo(questions[number]), "request \(number) of seed \(seed)")
        }
        #expect(try await isIdle(node))
        let metrics = node.server.metrics
        let suspensions = try #require(metrics.samples.total("imprag_suspensions_total"))
        #expect(memory == 7 << 19 ? suspensions > 2 : suspensions == 0, "\(suspensions)")
        #expect(metrics.samples.total("imprag_answer_limit_bytes") == Double(memory))
        let tokens = answers.values.reduce(0) { $0 + $1.tokens.count }
        #expect(metrics.samples.total("imprag_tokens_total") ?? 0 >= Double(tokens))
        #expect(node.stop())
    }

    @Test("10,000 requests leak no memory")
    func noLeak() async throws {
        // In a process of its own, because other tests' memory comes and goes.
        await #expect(processExitsWith: .success) {
            var random = SeededGenerator(seed: 5)
            let questions = try (0..<16).map { number in
                ModelGenerator.Question(
                    tokens: try ModelGenerator.prompt(4 + number, &random), k: 1,
                    passages: [ModelGenerator.passage(number, &random)],
                    encoding: PassageEncoding.allCases[number % PassageEncoding.allCases.count],
                    maxTokens: 1 + number % 3)
            }
            let states = try questions.map { try ModelGenerator.state(of: $0) }
            let node = try ModelGenerator(shard: try FakeShard())
            func run(_ count: Int) async throws {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for first in questions.indices {
                        group.addTask {
                            for number in stride(from: first, to: count, by: questions.count) {
                                let replies = try node.stream(questions[first], states[first])
                                if number % 10 == 3 {
                                    replies.cancel()
                                } else {
                                    _ = try await ModelGenerator.rest(of: replies)
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await run(2000)
            let before = ResidentMemory.now.bytes
            try await run(10_000)
            let growth = ResidentMemory.now.bytes - before
            precondition(growth < 4 << 20, "\(growth) bytes are left")
            precondition(node.figures.remembered > 5000 && node.figures.entries <= 16, "\(node.figures)")
            precondition(node.stop())
        }
    }

    @Test("a prompt of one token is answered, with and without passages, as alone")
    func oneToken() async throws {
        let node = try ModelGenerator()
        var random = SeededGenerator(seed: 6)
        let passages = (0..<3).map { _ in ModelGenerator.passage(30, &random) }
        for k in [0, 3] {
            let question = ModelGenerator.Question(
                tokens: try ModelGenerator.prompt(1, &random), k: k, passages: Array(passages.prefix(k)))
            let answer = try await node.answer(question)
            #expect(try answer == ModelGenerator.solo(question))
            #expect(answer.attention.count == k)
        }
        #expect(try await isIdle(node))
        #expect(node.stop())
    }

    @Test(
        "a request that fills all positions is answered as alone and within the planned memory; one more token is refused",
        arguments: [(0, PassageEncoding.independent), (63, .concatenated), (63, .independent)])
    func fullContext(k: Int, encoding: PassageEncoding) async throws {
        let shape = try ModelGenerator.model().configuration
        var random = SeededGenerator(seed: 7)
        var question = ModelGenerator.Question(
            tokens: try ModelGenerator.prompt(shape.maxPositions - k * shape.maxPassageTokens - 4, &random), k: k,
            passages: (0..<k).map { _ in ModelGenerator.passage(80, &random) }, encoding: encoding, maxTokens: 4)
        // What a generator plans for one answer: keys and values of every position in every layer, float32 at most.
        let planned = shape.maxPositions * shape.layerCount * shape.embeddingDimension * 2 * 4
        let node = try ModelGenerator(memory: planned)
        #expect(try await node.answer(question) == ModelGenerator.solo(question))
        question.maxTokens += 1
        let tooLong = question
        let refused = await #expect(throws: ImpRAGError.self) { try await node.answer(tooLong) }
        #expect(refused?.code == .invalidArgument)
        #expect(try await isIdle(node))
        #expect(node.stop())
    }
}
