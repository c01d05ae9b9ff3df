import Core
import Foundation
import Kernels
import Model
import Testing

/// The tolerances of ../shared/golden/README.md, which follow the arithmetic.
private struct Tolerance {
    let embedding: Double
    let logprob: Double
    let attention: Double
    /// Generated tokens must agree up to the first choice this close.
    let margin: Double

    static let float32 = Tolerance(embedding: 1e-4, logprob: 1e-3, attention: 1e-4, margin: 0)
    static let bf16 = Tolerance(embedding: 3e-2, logprob: 3e-2, attention: 5e-3, margin: 0.06)
}

@Suite(.enabled(if: GoldenCase.isAvailable, "needs ../shared/golden"))
struct GoldenTests {
    @Test("float32 agrees with the reference on every case", arguments: GoldenCase.checkpoints)
    func float32(checkpoint: String) throws {
        let model = try LlamaModel(directory: GoldenCase.directory(checkpoint), layers: .all, compute: .f32)
        try verify(model, checkpoint, .float32)
    }

    @Test("bf16 agrees with the reference on bf16 checkpoints", arguments: GoldenCase.checkpoints.suffix(2))
    func bfloat16(checkpoint: String) throws {
        let model = try LlamaModel(directory: GoldenCase.directory(checkpoint), layers: .all)
        #expect(model.compute == .bf16)
        try verify(model, checkpoint, .bf16)
    }

    @Test("float32 checkpoints compute in float32 unless told otherwise")
    func defaultCompute() throws {
        #expect(try LlamaModel(directory: GoldenCase.directory("mha-tied-f32"), layers: .bottom).compute == .f32)
    }

    private func verify(_ model: LlamaModel, _ checkpoint: String, _ tolerance: Tolerance) throws {
        let cases = try GoldenCase.all(checkpoint)
        #expect(cases.count == 58)
        for item in cases {
            switch item.kind {
            case .embed:
                let computed =
                    item.role == "query"
                    ? try model.embedQueries([item.tokens]) : try model.embedPassages([item.tokens])
                let expected = try #require(item.embedding)
                try #require(computed.count == expected.count)
                let error = zip(computed, expected).reduce(0) { $0 + pow(Double($1.0) - $1.1, 2) }
                let norm = expected.reduce(0) { $0 + $1 * $1 }
                let relative = (error / norm).squareRoot()
                #expect(relative <= tolerance.embedding, "\(item.name)")
            case .score:
                let session = try session(model, item)
                try checkAttention(session, item, tolerance)
                let expected = try #require(item.logprobs)
                for (step, token) in item.tokens.enumerated() {
                    let logprobs = logProbabilities(session.logits)
                    var choices = [(token, expected[step])]
                    if let top = item.top5?[step] { choices += top.map { ($0.token, $0.logprob) } }
                    for (token, logprob) in choices {
                        let error = abs(logprobs[Int(token)] - logprob)
                        #expect(error <= tolerance.logprob, "\(item.name), step \(step), token \(token)")
                    }
                    try session.append(token)
                }
            case .generate:
                let session = try session(model, item)
                try checkAttention(session, item, tolerance)
                try checkGeneration(model, session, item, tolerance)
            }
        }
    }

    private func session(_ model: LlamaModel, _ item: GoldenCase) throws -> DecodingSession {
        let prompt = try #require(item.promptTokens)
        let k = try #require(item.k)
        let state = try model.promptStates([(tokens: prompt, requestedPassages: k)])[0]
        let passages = try model.readPassages(#require(item.passageTokens), encoding: #require(item.encoding))
        return try model.continueFrom(state, passages: passages)
    }

    private func checkAttention(_ session: DecodingSession, _ item: GoldenCase, _ tolerance: Tolerance) throws {
        let expected = try #require(item.passageAttention)
        try #require(session.passageAttention.count == expected.count)
        var worst = 0.0
        for (computed, expected) in zip(session.passageAttention, expected) {
            worst = max(worst, abs(Double(computed) - expected))
        }
        #expect(worst <= tolerance.attention, "\(item.name)")
    }

    private func checkGeneration(
        _ model: LlamaModel, _ session: DecodingSession, _ item: GoldenCase, _ tolerance: Tolerance
    ) throws {
        let margins = try #require(item.margins)
        let limit = try #require(item.maxTokens)
        let logprobs = try #require(item.logprobs)
        var tokens: [Int32] = []
        var ended = false
        for step in 0..<limit {
            if margins[step] < tolerance.margin { return }
            let token = greedy(session.logits)
            if model.configuration.endTokens.contains(token) {
                ended = true
                break
            }
            try #require(step < item.tokens.count && token == item.tokens[step], "\(item.name), step \(step)")
            #expect(
                abs(logProbabilities(session.logits)[Int(token)] - logprobs[step]) <= tolerance.logprob, "\(item.name)")
            tokens.append(token)
            if step + 1 < limit { try session.append(token) }
        }
        #expect(tokens == item.tokens, "\(item.name)")
        #expect((ended ? "stop" : "length") == item.finish, "\(item.name)")
    }
}
