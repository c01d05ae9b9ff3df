import Cluster
import Core
import Model
import SimulatedWorld
import TestSupport
import Testing
import Wire

@testable import Generator

/// Where passages' states come from, with the shipped model and a fake shard.
@Suite(.simulated) struct PassageTierTests {
    private static func question(_ encoding: PassageEncoding = .independent) throws -> ModelGenerator.Question {
        var random = SeededGenerator(seed: 9)
        return ModelGenerator.Question(
            tokens: try ModelGenerator.prompt(12, &random), k: 4,
            passages: [7, 20, 33, 50].map { ModelGenerator.passage($0, &random) }, encoding: encoding)
    }

    /// Waits for the states that a generator sends to its shard.
    private func waits(for count: Int, in shard: FakeShard) async throws -> Bool {
        try await SimulatedTest.wait { shard.states.count >= count }
        return shard.states.count == count
    }

    /// A generator whose shard has the states of `question()`, and that question's answer.
    private func filled(_ shard: FakeShard, coder: StateCoder? = nil) async throws -> ModelGenerator.Answer {
        let node = try ModelGenerator(shard: shard, coder: coder)
        let answer = try await node.answer(Self.question())
        #expect(try await waits(for: 4, in: shard))
        #expect(node.stop())
        return answer
    }

    @Test(
        "an answer is the same bits whether states are remembered, fetched or computed each time",
        arguments: StateCodec.allCases, [false, true])
    func sameBits(codec: StateCodec, keepsHalf: Bool) async throws {
        let model = try ModelGenerator.model().model
        let question = try Self.question()
        var codebooks: StateCodebooks?
        if codec == .pq {
            var random = SeededGenerator(seed: 2)
            let reading = try PassageReading(
                model, (0..<8).map { _ in try ModelGenerator.prompt(60, &random) }, encoding: .independent)
            while reading.advance(tokenLimit: .max) {}
            codebooks = try StateCodebooks.train(model, on: reading.encoded, seed: 1)
        }
        let coder = try StateCoder(model, codec: codec, keepsHalf: keepsHalf, codebooks: codebooks)
        let shard = try FakeShard()
        let node = try ModelGenerator(shard: shard, coder: coder)
        let computed = try await node.answer(question)
        #expect(try await waits(for: 4, in: shard))
        #expect(try await node.answer(question) == computed)
        #expect((node.figures.computed, node.figures.remembered, node.figures.fetched) == (4, 4, 0))
        #expect((node.figures.stored, node.figures.entries) == (4, 4))
        #expect(node.stop())

        let forgetful = try ModelGenerator(shard: shard, coder: coder, passageMemory: 0)
        for _ in 0..<2 { #expect(try await forgetful.answer(question) == computed) }
        #expect((forgetful.figures.computed, forgetful.figures.fetched, forgetful.figures.entries) == (0, 8, 0))
        #expect(forgetful.stop())

        // A budget of zero everywhere.
        shard.change { $0 = FakeShard.Contents(keeps: false) }
        let poor = try ModelGenerator(shard: shard, coder: coder, passageMemory: 0)
        for _ in 0..<2 { #expect(try await poor.answer(question) == computed) }
        #expect((poor.figures.computed, poor.figures.stored, poor.figures.failures) == (8, 0, 0))
        #expect(poor.stop())
        if codec == .bf16, !keepsHalf { #expect(try computed == ModelGenerator.solo(question)) }
    }

    @Test("requests wait for room for their stored states, and read passages that will never have room")
    func heldStates() async throws {
        let shard = try FakeShard()
        let expected = try await filled(shard)
        let question = try Self.question()
        let one = shard.states.values.reduce(0) { $0 + $1.count }
        // Room for one request's states, encoded and decoded, then for none.
        for (bytes, fetched) in [(4 * one, 48), (one, 0)] {
            let node = try ModelGenerator(shard: shard, passageMemory: 0, heldBytes: bytes)
            try await withThrowingTaskGroup(of: ModelGenerator.Answer.self) { group in
                for _ in 0..<12 { group.addTask { try await node.answer(question) } }
                for try await answer in group { #expect(answer == expected) }
            }
            #expect((node.figures.fetched, node.figures.computed) == (Double(fetched), Double(48 - fetched)))
            #expect(node.server.metrics.samples.total("imprag_waiting_requests") == 0)
            #expect(node.stop())
        }
    }

    @Test("states that are not their passages' are counted as damaged, and those passages are read from their text")
    func damaged() async throws {
        let shard = try FakeShard()
        let expected = try await filled(shard)
        let good = shard.states
        let others = good.values.sorted { $0.count < $1.count }
        let damages: [@Sendable ([UInt8]) -> [UInt8]] = [
            { _ in [] },
            { bytes in bytes.map { _ in 0x41 } },
            { bytes in Array(bytes.dropLast()) },
            { bytes in bytes + [0] },
            // NaN everywhere after the header.
            { bytes in Array(bytes.prefix(32)) + bytes.dropFirst(32).map { _ in 0xFF } },
            // Intact, but of a passage of another length.
            { bytes in others[bytes.count == others[0].count ? 1 : 0] },
        ]
        for (number, damage) in damages.enumerated() {
            shard.change { $0.states = good.mapValues(damage) }
            let node = try ModelGenerator(shard: shard)
            #expect(try await node.answer(Self.question()) == expected, "damage \(number)")
            #expect((node.figures.damaged, node.figures.computed) == (4, 4), "damage \(number)")
            #expect(node.stop())
        }
    }

    @Test("a shard that does not answer costs its share of the time, is counted, and the answer comes all the same")
    func silent() async throws {
        let shard = try FakeShard()
        let expected = try await filled(shard)
        shard.change { $0.unanswered = [] }
        let node = try ModelGenerator(shard: shard)
        let world = try #require(SimulatedTest.current?.world)
        let start = world.milliseconds
        #expect(try await node.answer(Self.question(), milliseconds: 4000) == expected)
        #expect((1000...1100).contains(world.milliseconds - start))
        #expect((node.figures.failures, node.figures.computed) == (4, 4))
        #expect(node.stop())
        shard.change { $0.unanswered = nil }
    }

    @Test("of concatenated passages the whole list is remembered, in its order, and no shard is asked")
    func concatenated() async throws {
        let shard = try FakeShard()
        let node = try ModelGenerator(shard: shard)
        var question = try Self.question(.concatenated)
        let expected = try ModelGenerator.solo(question)
        for _ in 0..<2 { #expect(try await node.answer(question) == expected) }
        #expect((node.figures.computed, node.figures.remembered) == (1, 1))
        question.passages.reverse()
        #expect(try await node.answer(question) == ModelGenerator.solo(question))
        #expect((node.figures.computed, node.figures.remembered, node.figures.entries) == (2, 1, 2))
        #expect(node.stop())
        #expect(shard.states.isEmpty)
        shard.change { #expect($0.fetches == 0) }
    }

    @Test("states on their way to shards are bounded, and no request waits behind them")
    func stores() async throws {
        let shard = try FakeShard()
        let node = try ModelGenerator(shard: shard, passageMemory: 0)
        let tier = try #require(node.tier)
        let model = try ModelGenerator.model().model
        var random = SeededGenerator(seed: 4)
        let reading = try PassageReading(model, [try ModelGenerator.prompt(64, &random)], encoding: .independent)
        while reading.advance(tokenLimit: .max) {}
        let state = reading.encoded[0]
        // More than may wait: the excess is dropped.
        for number in 0..<2 * PassageTier.queueLimit {
            let key = try #require(StateKey(bytes: Array(repeating: UInt8(number % 64), count: 32)))
            _ = tier.keep(state, for: key, isRounded: true, shard: "shard-0")
        }
        #expect(try await node.answer(Self.question()) == ModelGenerator.solo(Self.question()))
        #expect(node.figures.dropped > 0)
        #expect(node.stop())
    }
}
