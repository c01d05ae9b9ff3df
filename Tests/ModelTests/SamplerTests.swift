import Core
import Foundation
import TestSupport
import Testing

@testable import Model

struct SamplerTests {
    @Test("greedy takes the largest logit, and the lowest id on a tie")
    func greedy() throws {
        var sampler = Sampler(try Sampling(maxTokens: 1))
        #expect(sampler.choose([0, 3, 1, 3]) == 1)
    }

    @Test("the same seed draws the same tokens, another seed others")
    func seeds() throws {
        func draw(_ seed: UInt64) throws -> [Int32] {
            var sampler = Sampler(try Sampling(SamplingOptions(temperature: 1, seed: seed), maxTokens: 1))
            return (0..<64).map { _ in sampler.choose([0, 0, 0, 0, 0, 0, 0, 0]) }
        }
        #expect(try draw(7) == draw(7))
        #expect(try draw(7) != draw(8))
    }

    @Test("draws follow the softmax at the temperature given")
    func frequencies() throws {
        let logits: [Float] = [0, 1, 2]
        var sampler = Sampler(try Sampling(SamplingOptions(temperature: 2, seed: 1), maxTokens: 1))
        var counts = [0, 0, 0]
        for _ in 0..<20_000 { counts[Int(sampler.choose(logits))] += 1 }
        let weights = logits.map { exp(Double($0) / 2) }
        for (count, weight) in zip(counts, weights) {
            #expect(abs(Double(count) / 20_000 - weight / weights.reduce(0, +)) < 0.015)
        }
    }

    @Test("top-k and top-p leave only the most probable tokens")
    func cuts() throws {
        let logits: [Float] = [3, 2.9, 0, -1]
        var topK = Sampler(try Sampling(SamplingOptions(temperature: 5, topK: 2, seed: 1), maxTokens: 1))
        var topP = Sampler(try Sampling(SamplingOptions(temperature: 1, topP: 0.4, seed: 1), maxTokens: 1))
        for _ in 0..<500 {
            #expect(topK.choose(logits) < 2)
            #expect(topP.choose(logits) == 0)
        }
    }

    @Test(
        "the most probable ids are the largest logits', best first, the lowest id first on a tie, and never one of −∞")
    func mostProbableIDs() {
        var random = SeededGenerator(seed: 5)
        for count in [0, 1, 3, 20, 70] {
            let logits = (0..<61).map { _ -> Float in
                let value = Int.random(in: -8...8, using: &random)
                return value == -8 ? -.infinity : Float(value)
            }
            let sorted = logits.indices.filter { logits[$0] > -.infinity }.sorted {
                (logits[$0], $1) > (logits[$1], $0)
            }
            #expect(mostProbable(count, of: logits) == sorted.prefix(count).map { Int32($0) })
        }
    }

    @Test("every field out of range is named")
    func ranges() {
        let error = #expect(throws: ImpRAGError.self) {
            try Sampling(SamplingOptions(temperature: -1, topP: 0, topK: -2, stop: [""], topLogprobs: 21), maxTokens: 0)
        }
        for field in ["temperature", "top_p", "top_k", "max_tokens", "stop string", "top_logprobs"] {
            #expect(error?.message.contains(field) == true)
        }
        #expect(throws: ImpRAGError.self) { try Sampling(SamplingOptions(temperature: .nan), maxTokens: 1) }
    }
}
