import Core
import Foundation
import Model
import TestSupport
import Testing

/// The error of int8 and of 4 bits, each rounded to the nearest, on the golden checkpoints, against float64 from the
/// original weights.
@Suite(.enabled(if: GoldenCase.isAvailable, "needs ../shared/golden"))
struct QuantizedGoldenTests {
    @Test(
        "quantized models stay within their stated error on every bf16 case",
        arguments: GoldenCase.checkpoints.suffix(2),
        [8, 4])
    func statedError(checkpoint: String, bits: Int) throws {
        let directory = try TemporaryDirectory()
        try ModelQuantizer(directory: GoldenCase.directory(checkpoint), bits: bits).write(to: directory.path) { _ in }
        let model = try LlamaModel(directory: directory.path, layers: .all)
        #expect(model.compute == .int8)
        var embedding = 0.0
        var logprobs: [Double] = []
        for item in try GoldenCase.all(checkpoint) {
            switch item.kind {
            case .embed: embedding = max(embedding, try embeddingError(model, item))
            case .score: logprobs += try logprobErrors(model, item)
            case .generate: continue
            }
        }
        let mean = logprobs.reduce(0, +) / Double(logprobs.count)
        let worst = logprobs.max() ?? 1
        #expect(embedding > 0 && embedding <= 0.08)
        #expect(mean > 0 && mean <= (bits == 8 ? 0.05 : 0.15))
        #expect(worst <= (bits == 8 ? 0.3 : 0.8))
    }

    /// Relative, by L2 norms.
    private func embeddingError(_ model: LlamaModel, _ item: GoldenCase) throws -> Double {
        let computed =
            item.role == "query" ? try model.embedQueries([item.tokens]) : try model.embedPassages([item.tokens])
        let expected = try #require(item.embedding)
        try #require(computed.count == expected.count)
        let error = zip(computed, expected).reduce(0) { $0 + pow(Double($1.0) - $1.1, 2) }
        return (error / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// Absolute, of each completion token.
    private func logprobErrors(_ model: LlamaModel, _ item: GoldenCase) throws -> [Double] {
        let state = try model.promptStates([
            (tokens: #require(item.promptTokens), requestedPassages: #require(item.k))
        ])[0]
        let passages = try model.readPassages(#require(item.passageTokens), encoding: #require(item.encoding))
        let session = try model.continueFrom(state, passages: passages)
        let expected = try #require(item.logprobs)
        var errors: [Double] = []
        for (token, logprob) in zip(item.tokens, expected) {
            errors.append(abs(logProbabilities(session.logits)[Int(token)] - logprob))
            try session.append(token)
        }
        return errors
    }
}
