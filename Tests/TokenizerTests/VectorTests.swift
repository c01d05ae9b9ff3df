import Foundation
import TestSupport
import Testing
import Tokenizer

/// Ids that the `tokenizers` package (0.23.3) and llama.cpp's published cases give; how the files were made stands in
/// the README beside them.
@Suite("Reference vectors", .enabled(if: SharedData.path("data/tokenizer-llama3") != nil, "needs ../shared/data"))
struct VectorTests {
    @Test("Llama 3: every vector encodes, with and without BOS, and decodes exactly")
    func llama3() throws {
        let tokenizer = try Reference.tokenizer("tokenizer-llama3")
        #expect(tokenizer.vocabularySize == 128_256)
        for row in try Reference.rows("data/tokenizer-llama3/vectors.jsonl") {
            let text = try #require(row.text)
            let ids = try #require(row.ids)
            let idsWithSpecial = try #require(row.ids_with_special)
            #expect(try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: false) == ids)
            #expect(try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: true) == idsWithSpecial)
            #expect(try tokenizer.decode(ids, skippingSpecialTokens: false) == row.decoded)
            #expect(try tokenizer.decode(ids) == row.decoded_without_special)
        }
        for row in try Reference.rows("data/tokenizer-llama3/decode-vectors.jsonl") {
            let ids = try #require(row.ids)
            #expect(try tokenizer.decode(ids, skippingSpecialTokens: false) == row.decoded)
            #expect(try tokenizer.decode(ids) == row.decoded_without_special)
            var stream = tokenizer.makeStreamDecoder()
            var text = ""
            for id in ids { text += try stream.append(id) }
            #expect(text + stream.finish() == row.decoded_without_special)
        }
        for row in try Reference.rows("data/tokenizer-llama3/published-vectors.jsonl") {
            let text = try #require(row.text)
            #expect(try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false) == row.ids)
        }
    }

    @Test("GPT-2: every published vector encodes exactly and decodes to its text")
    func gpt2() throws {
        let tokenizer = try Reference.tokenizer("tokenizer-gpt2")
        for row in try Reference.rows("data/tokenizer-gpt2/published-vectors.jsonl") {
            let text = try #require(row.text)
            #expect(try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false) == row.ids)
            #expect(try tokenizer.decode(row.ids ?? []) == text)
        }
    }

    private struct Passage: Decodable {
        var title: String?
        var text: String
    }

    private struct GoldenCase: Decodable {
        var kind: String
        var title: String?
        var text: String?
        var tokens: [Int32]
        var prompt: String?
        var prompt_tokens: [Int32]?
        var passages: [Passage]?
        var passage_tokens: [[Int32]]?
        var completion: String?
    }

    private struct Settings: Decodable {
        struct ImpRAG: Decodable { var max_passage_tokens: Int }
        var bos_token_id: Int32
        var imprag: ImpRAG
    }

    @Test(
        "golden checkpoints: prompts, passages, completions and answers tokenize as in the cases",
        arguments: [
            "mha-tied-f32", "gqa-llama3-sharded-f32", "full-range-f32", "gqa8-llama3-bf16", "wide-head-one-layer-bf16",
        ])
    func goldenCases(_ checkpoint: String) throws {
        let directory = try #require(SharedData.path("golden/checkpoints/\(checkpoint)"))
        let tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        let settings = try JSONDecoder().decode(
            Settings.self, from: try Data(contentsOf: URL(filePath: directory + "/config.json")))
        func ids(_ text: String) throws -> [Int32] {
            try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false)
        }
        func passageIDs(_ title: String?, _ text: String) throws -> [Int32] {
            let title = title ?? ""
            let all = [settings.bos_token_id] + (try ids(title.isEmpty ? text : title + "\n" + text))
            return Array(all.prefix(settings.imprag.max_passage_tokens))
        }
        let cases = try Reference.rows("golden/cases/\(checkpoint).jsonl", as: GoldenCase.self)
        #expect(cases.count == 58)
        for row in cases {
            if row.kind == "embed", let text = row.text {
                #expect(
                    try passageIDs(row.title, text) == row.tokens || [settings.bos_token_id] + ids(text) == row.tokens)
            }
            if let prompt = row.prompt { #expect(try [settings.bos_token_id] + ids(prompt) == row.prompt_tokens) }
            if let passages = row.passages {
                #expect(try passages.map { try passageIDs($0.title, $0.text) } == row.passage_tokens)
            }
            if let completion = row.completion { #expect(try ids(completion) == row.tokens) }
            if row.kind == "generate", let text = row.text, !text.contains("\u{FFFD}") {
                #expect(try tokenizer.decode(row.tokens) == text)
            }
        }
    }
}
