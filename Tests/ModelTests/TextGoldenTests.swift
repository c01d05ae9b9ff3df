import Core
import Foundation
import Model
import TestSupport
import Testing

/// The reference cases from texts to numbers: tokenizer, passage format and layers together.
struct TextGoldenTests {
    static let runs: [(checkpoint: String, compute: Compute)] = [
        ("mha-tied-f32", .f32), ("gqa-llama3-sharded-f32", .f32), ("full-range-f32", .f32),
        ("gqa8-llama3-bf16", .f32), ("wide-head-one-layer-bf16", .f32),
        ("gqa8-llama3-bf16", .bf16), ("wide-head-one-layer-bf16", .bf16),
    ]

    @Test(
        "texts give the reference's tokens, embeddings, probabilities and answers",
        .enabled(if: SharedData.path("golden") != nil, "needs ../shared/golden"), arguments: runs)
    func golden(run: (checkpoint: String, compute: Compute)) throws {
        let golden = try #require(SharedData.path("golden"))
        let model = try ImpRAGModel(
            directory: "\(golden)/checkpoints/\(run.checkpoint)", layers: .all, compute: run.compute)
        let tolerance = Tolerance(run.compute)
        let lines = try String(contentsOfFile: "\(golden)/cases/\(run.checkpoint).jsonl", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: true)
        #expect(lines.count == 58)
        for line in lines {
            let golden = try JSONDecoder().decode(TextGoldenCase.self, from: Data(line.utf8))
            switch golden.kind {
            case "embed": try checkEmbedding(golden, model, tolerance)
            case "score": try checkScore(golden, model, tolerance)
            default: try checkAnswer(golden, model, tolerance)
            }
        }
    }

    private func checkEmbedding(_ golden: TextGoldenCase, _ model: ImpRAGModel, _ tolerance: Tolerance) throws {
        let text = try #require(golden.text)
        let expected = try #require(golden.embedding)
        let passage = Passage(id: "", title: golden.title ?? "", text: text)
        let vector: [Float]
        if golden.role == "query" {
            #expect(try model.promptTokens(text) == golden.tokens, "\(golden.case)")
            vector = try model.embed(queries: [text])
        } else {
            #expect(try model.passageTokens(passage) == golden.tokens, "\(golden.case)")
            vector = try model.embed(passages: [passage])
        }
        try #require(vector.count == expected.count)
        let difference = zip(vector, expected).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }.squareRoot()
        let norm = expected.reduce(0.0) { $0 + pow(Double($1), 2) }.squareRoot()
        #expect(difference / norm < tolerance.embedding, "\(golden.case)")
    }

    private func checkScore(_ golden: TextGoldenCase, _ model: ImpRAGModel, _ tolerance: Tolerance) throws {
        let score = try model.score(
            prompt: try #require(golden.prompt), passages: golden.givenPassages, k: try #require(golden.k),
            encoding: try #require(golden.encoding), completion: try #require(golden.completion))
        #expect(score.tokens == golden.tokens, "\(golden.case)")
        expectNear(score.logprobs, golden.logprobs, tolerance.logprob, golden.case)
        expectNear(score.passageAttention, golden.passageAttention, tolerance.attention, golden.case)
    }

    private func checkAnswer(_ golden: TextGoldenCase, _ model: ImpRAGModel, _ tolerance: Tolerance) throws {
        let prompt = try #require(golden.prompt)
        let tokens = try model.promptTokens(prompt)
        #expect(tokens == golden.promptTokens, "\(golden.case)")
        let state = try model.promptStates([PromptRequest(tokens: tokens, k: try #require(golden.k))])[0]
        let answer = try model.answer(
            from: state, passages: golden.givenPassages, encoding: try #require(golden.encoding),
            sampling: try Sampling(maxTokens: try #require(golden.maxTokens)))
        var generated: [Int32] = []
        var text = ""
        while let step = try answer.next() {
            if let token = step.token { generated.append(token) }
            text += step.text
        }
        let certain = golden.margins?.firstIndex { $0 < tolerance.margin } ?? Int.max
        if certain >= generated.count {
            #expect(generated == golden.tokens, "\(golden.case)")
            #expect(answer.end?.rawValue == golden.finish, "\(golden.case)")
            let expected = try #require(golden.outputText)
            if !expected.contains("\u{FFFD}") { #expect(text == expected, "\(golden.case)") }
        } else {
            #expect(generated.prefix(certain) == golden.tokens.prefix(certain), "\(golden.case)")
        }
        expectNear(answer.passageAttention, golden.passageAttention, tolerance.attention, golden.case)
    }

    private func expectNear(_ values: [Float], _ expected: [Float]?, _ tolerance: Double, _ name: String) {
        #expect(values.count == expected?.count, "\(name)")
        for (value, right) in zip(values, expected ?? []) {
            #expect(abs(Double(value) - Double(right)) <= tolerance, "\(name)")
        }
    }
}

/// The tolerances that come with the cases.
private struct Tolerance {
    let embedding: Double
    let logprob: Double
    let attention: Double
    /// Greedy choices won by less than this may differ.
    let margin: Float

    init(_ compute: Compute) {
        (embedding, logprob, attention, margin) = compute == .f32 ? (1e-4, 1e-3, 1e-4, 0) : (3e-2, 3e-2, 5e-3, 0.06)
    }
}

private struct TextGoldenCase: Decodable {
    struct Part: Decodable {
        let title: String?
        let text: String
    }

    let `case`: String
    let kind: String
    let role: String?
    let text: String?
    let title: String?
    let tokens: [Int32]
    let embedding: [Float]?
    let prompt: String?
    let passages: [Part]?
    let k: Int?
    let encoding: PassageEncoding?
    let completion: String?
    let logprobs: [Float]?
    let passageAttention: [Float]?
    let promptTokens: [Int32]?
    let maxTokens: Int?
    let margins: [Float]?
    let finish: String?

    var outputText: String? { text }
    var givenPassages: [Passage] { (passages ?? []).map { Passage(id: "", title: $0.title ?? "", text: $0.text) } }

    enum CodingKeys: String, CodingKey {
        case `case`, kind, role, text, title, tokens, embedding, prompt, passages, k, encoding, completion, logprobs,
            margins
        case finish
        case passageAttention = "passage_attention"
        case promptTokens = "prompt_tokens"
        case maxTokens = "max_tokens"
    }
}
