import Core
import Foundation
import TestSupport
import Testing

@testable import Model

/// A model's vocabulary is not its tokenizer's.
@Suite struct SayableTokensTests {
    private func load(
        _ vocabularySize: Int, _ tokenizer: TinyTokenizer = TinyTokenizer(), settings: [String: Any] = [:]
    ) throws -> ImpRAGModel {
        let directory = try TemporaryDirectory()
        let tiny = TinyModel(vocabularySize: vocabularySize)
        try tiny.write(to: directory)
        try writeConfiguration(tiny.configuration.merging(settings) { $1 }, to: directory)
        try tokenizer.write(to: directory)
        return try ImpRAGModel(directory: directory.path, layers: .all, threadCount: 1)
    }

    private func answer(
        _ model: ImpRAGModel, _ sampling: Sampling, prompt: String = "which river?"
    ) throws -> AnswerStream {
        let request = PromptRequest(tokens: try model.promptTokens(prompt), k: 0)
        return try model.answer(
            from: model.promptStates([request])[0], passages: [], encoding: .independent, sampling: sampling)
    }

    private func tokens(_ stream: AnswerStream) throws -> [Int32] {
        var tokens: [Int32] = []
        while let step = try stream.next() { tokens += [step.token].compactMap(\.self) }
        return tokens
    }

    @Test("ids that the tokenizer cannot say are never chosen, a tail of them or gaps, greedily or by lot")
    func neverChosen() throws {
        // Padding behind, and a gap of 142 ids.
        for tokenizer in [TinyTokenizer(), TinyTokenizer(added: [("<s>", 0x180), ("</s>", 0x181)])] {
            let model = try load(400, tokenizer, settings: ["bos_token_id": 0, "eos_token_id": NSNull()])
            let known = Set((0..<256).map(Int32.init) + tokenizer.added.map { Int32($0.id) })
            for sampling in [
                try Sampling(maxTokens: 60), try Sampling(SamplingOptions(temperature: 100, seed: 3), maxTokens: 200),
            ] {
                let chosen = try tokens(answer(model, sampling))
                #expect(chosen.count == sampling.maxTokens && known.isSuperset(of: chosen))
            }
            // Without the tokenizer, others are.
            let plain = SayableTokens(vocabularySize: 400, tokenizer: nil, endTokens: [])
            #expect(plain.bound == 400 && plain.gaps.isEmpty)
        }
    }

    @Test("a token comes with those that could have been it when that is asked for, with the bits of the token itself")
    func alternatives() throws {
        let model = try load(400)
        for temperature in [0, 2.0] {
            let options = SamplingOptions(temperature: temperature, seed: 3)
            var plain = try answer(model, Sampling(options, maxTokens: 12))
            var asked = options
            for count in [0, 5] {
                asked.topLogprobs = count
                let stream = try answer(model, Sampling(asked, maxTokens: 12))
                while let step = try stream.next() {
                    let other = try #require(try plain.next())
                    #expect(other.alternatives.isEmpty)
                    #expect(other.token == step.token && other.logprob == step.logprob && other.text == step.text)
                    guard let token = step.token else { continue }
                    let (own, best) = (step.alternatives[0], step.alternatives.dropFirst())
                    #expect(own.token == token && own.logprob == step.logprob && best.count == count)
                    if token < 256 { #expect(own.bytes.count == 1, "the tokenizer's first ids are bytes") }
                    #expect(zip(best, best.dropFirst()).allSatisfy { $0.logprob >= $1.logprob })
                    #expect(Set(best.map(\.token)).count == count)
                    #expect(best.reduce(0.0) { $0 + exp(Double($1.logprob)) } < 1.0001)
                    if temperature == 0, count > 0 { #expect(best.first == own) }
                }
                plain = try answer(model, Sampling(options, maxTokens: 12))
            }
        }
    }

    @Test("probabilities are those of what can be said: they sum to 1")
    func distribution() throws {
        for tokenizer in [TinyTokenizer(), TinyTokenizer(added: [("<s>", 0x180), ("</s>", 0x181)])] {
            let model = try load(400, tokenizer)
            let stream = try answer(model, Sampling(maxTokens: 1))
            _ = try stream.next()
            let sequence: [Int32] = [0, 65]
            var sum = 0.0
            for id in Array(0..<256) + tokenizer.added.map(\.id) {
                let logprobs = try model.logProbabilities(of: [sequence + [Int32(id)]])
                sum += exp(Double(logprobs[0][1]))
            }
            #expect(abs(sum - 1) < 1e-4)
            let error = #expect(throws: ImpRAGError.self) { try model.logProbabilities(of: [[0, 300]]) }
            #expect(error?.message.contains("300") == true)
        }
    }

    @Test("an end token that the tokenizer does not know ends an answer all the same")
    func endToken() throws {
        let model = try load(400, settings: ["eos_token_id": [300, 399]])
        #expect(model.model.sayable.contains(399) && model.model.sayable.contains(300))
        #expect(!model.model.sayable.contains(398) && !model.model.sayable.contains(400))
        #expect(
            try !tokens(answer(model, Sampling(SamplingOptions(temperature: 100, seed: 1), maxTokens: 200))).contains(
                399))
    }

    @Test("a tokenizer with more ids than the model has rows is refused with both numbers and the tokens")
    func largerTokenizer() throws {
        let error = #expect(throws: ImpRAGError.self) { try load(257) }
        for word in ["258", "257", "</s>"] { #expect(error?.message.contains(word) == true) }
        let many = TinyTokenizer(added: (0..<6).map { ("<\($0)>", 256 + $0) })
        let more = #expect(throws: ImpRAGError.self) { try load(256, many) }
        for word in ["262", "256", "<0>", "<2>", "3 more"] { #expect(more?.message.contains(word) == true) }
        #expect(throws: Never.self) { try load(258) }
    }

    @Test("an answer that fails does so alone: its batch mates go on as without it")
    func batchMates() throws {
        let model = try load(400, settings: ["max_position_embeddings": 40, "eos_token_id": NSNull()])
        let alone = try tokens(answer(model, Sampling(maxTokens: 35), prompt: "a"))
        // The other has no position left after 27 tokens.
        let (good, other) = (
            try answer(model, Sampling(maxTokens: 35), prompt: "a"), try answer(model, Sampling(maxTokens: 100))
        )
        for stream in [good, other] { while stream.isReading { try stream.read(tokenLimit: .max) } }
        var tokens: [Int32] = []
        var failures = 0
        for _ in 0..<36 {
            let results = AnswerStream.step([other, good])
            if case .failure = results[0] { failures += 1 }
            if let token = try results[1].get()?.token { tokens.append(token) }
        }
        #expect(tokens == alone && tokens.count == 35 && failures > 5)
    }
}
