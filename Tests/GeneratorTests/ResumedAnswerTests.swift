import Core
import Messaging
import Model
import SimulatedWorld
import TestSupport
import Testing
import Wire

@testable import Generator

/// Answers of the shipped model that one generator begins and another one finishes.
@Suite(.simulated) struct ResumedAnswerTests {
    /// What comes after the tokens that were resumed. Equal ones have the same bits.
    private struct Rest: Equatable {
        var tokens: [Int32] = []
        var logprobs: [UInt32] = []
        var texts: [String] = []
        var attention: [UInt32] = []
        var end: AnswerEnd?

        /// The same answer from its token `count` on.
        func after(_ count: Int) -> Rest {
            Rest(
                tokens: Array(tokens[count...]), logprobs: Array(logprobs[count...]), texts: Array(texts[count...]),
                attention: attention, end: end)
        }
    }

    private let prompt = "Q: Which river flows through the capital? A:"

    private func passages(_ count: Int) -> [Passage] {
        (0..<count).map { number in
            Passage(
                id: "\(number)", title: "River \(number)",
                text: "River \(number) flows through city \(number * 7) in the north of the country.")
        }
    }

    private func state(k: Int) throws -> PromptState {
        let model = try ModelGenerator.model()
        return try model.promptStates([PromptRequest(tokens: model.promptTokens(prompt), k: k)])[0]
    }

    /// - Parameter isSuspended: gives its memory back after its second token.
    private func rest(
        _ state: PromptState, k: Int, _ encoding: PassageEncoding, _ sampling: Sampling, after tokens: [Int32],
        chunk: Int = .max, isSuspended: Bool = false
    ) throws -> Rest {
        let stream = try ModelGenerator.model().answer(
            from: state, passages: passages(k), encoding: encoding, sampling: sampling, resuming: tokens)
        var rest = Rest()
        while true {
            if isSuspended, rest.tokens.count == 2 { stream.suspend() }
            while stream.isReading { try stream.read(tokenLimit: chunk) }
            guard let step = try AnswerStream.step([stream])[0].get() else { break }
            rest.texts.append(step.text)
            guard let token = step.token else { continue }
            rest.tokens.append(token)
            rest.logprobs.append(step.logprob.bitPattern)
        }
        rest.attention = stream.passageAttention.map(\.bitPattern)
        rest.end = stream.end
        #expect(stream.tokenCount == tokens.count + rest.tokens.count)
        return rest
    }

    @Test(
        "an answer resumed after any of its tokens goes on with the same bits: tokens, log-probabilities, text, end and attention",
        arguments: [
            SamplingOptions(),
            SamplingOptions(temperature: 0.8, topK: 40, seed: 4, stop: ["the", "\n"]),
            SamplingOptions(temperature: 1.5, topP: 0.9, seed: 5, stop: ["e"]),
        ])
    func sameBits(options: SamplingOptions) throws {
        for (k, encodings) in [(0, [PassageEncoding.independent]), (3, PassageEncoding.allCases)] {
            let state = try state(k: k)
            for encoding in encodings {
                let sampling = try Sampling(options, maxTokens: 24)
                let whole = try rest(state, k: k, encoding, sampling, after: [])
                for count in 0...whole.tokens.count {
                    let resumed = try rest(
                        state, k: k, encoding, sampling, after: Array(whole.tokens[..<count]),
                        chunk: [7, 256, .max][count % 3], isSuspended: count % 4 == 1)
                    #expect(resumed == whole.after(count), "k = \(k), \(encoding), after \(count) tokens")
                }
            }
        }
    }

    @Test("a generator sends only what follows the tokens that it is given, and counts them at the end")
    func node() async throws {
        let node = try ModelGenerator()
        let question = ModelGenerator.Question(
            tokens: try ModelGenerator.model().promptTokens(prompt), k: 2, passages: passages(2), maxTokens: 12)
        let state = try ModelGenerator.state(of: question)
        let whole = try await ModelGenerator.rest(of: node.stream(question, state))
        try #require(whole.tokens.count > 1)
        for count in [1, whole.tokens.count / 2, whole.tokens.count] {
            let replies = try node.stream(question, state, after: Array(whole.tokens[..<count]))
            let resumed = try await ModelGenerator.rest(of: replies)
            #expect(resumed.tokens == Array(whole.tokens[count...]))
            #expect(resumed.logprobs == Array(whole.logprobs[count...]))
            #expect(resumed.attention == whole.attention && resumed.count == whole.tokens.count)
        }
        #expect(node.stop())
    }

    @Test(
        "tokens after which nothing can come are refused: too many, unknown ones, an end, or a sampled answer without its seed"
    )
    func refused() throws {
        let model = try ModelGenerator.model()
        let state = try state(k: 0)
        let end = try #require(model.configuration.endTokens.first)
        let text = try model.completionTokens("and so on")
        let cases: [(SamplingOptions, [Int32])] = [
            (SamplingOptions(maxTokens: 2), Array(repeating: text[0], count: 3)),
            (SamplingOptions(), [Int32(model.configuration.vocabularySize)]), (SamplingOptions(), [-1]),
            (SamplingOptions(), [end, text[0]]), (SamplingOptions(), [text[0], end]),
            (SamplingOptions(stop: ["and"]), text), (SamplingOptions(temperature: 1), [text[0]]),
        ]
        for (options, tokens) in cases {
            let refused = #expect(throws: ImpRAGError.self, "\(options), \(tokens)") {
                _ = try model.answer(
                    from: state, passages: [], encoding: .independent, sampling: Sampling(options, maxTokens: 8),
                    resuming: tokens)
            }
            #expect(refused?.code == .invalidArgument)
        }
    }
}
