import Core
import Foundation
import TestSupport

/// One line of `../shared/golden/cases`: what an independent float64 implementation computed.
struct GoldenCase: Decodable {
    enum Kind: String, Decodable { case embed, score, generate }

    struct Choice: Decodable {
        let token: Int32
        let logprob: Double
    }

    let name: String
    let kind: Kind
    let tokens: [Int32]
    let role: String?
    let embedding: [Double]?
    let k: Int?
    let encoding: PassageEncoding?
    let promptTokens: [Int32]?
    let passageTokens: [[Int32]]?
    let logprobs: [Double]?
    let top5: [[Choice]]?
    let passageAttention: [Double]?
    let maxTokens: Int?
    let margins: [Double]?
    let finish: String?

    private enum CodingKeys: String, CodingKey {
        case name = "case"
        case kind, tokens, role, embedding, k, encoding, logprobs, top5, margins, finish
        case promptTokens = "prompt_tokens"
        case passageTokens = "passage_tokens"
        case passageAttention = "passage_attention"
        case maxTokens = "max_tokens"
    }

    static let checkpoints = [
        "mha-tied-f32", "gqa-llama3-sharded-f32", "full-range-f32", "gqa8-llama3-bf16", "wide-head-one-layer-bf16",
    ]
    static let isAvailable = SharedData.path("golden") != nil

    static func directory(_ checkpoint: String) throws -> String {
        try requirePath("golden/checkpoints/\(checkpoint)")
    }

    static func all(_ checkpoint: String) throws -> [GoldenCase] {
        let text = try Data(contentsOf: URL(filePath: requirePath("golden/cases/\(checkpoint).jsonl")))
        return try text.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(GoldenCase.self, from: $0) }
    }

    private static func requirePath(_ relative: String) throws -> String {
        guard let path = SharedData.path(relative) else {
            throw ImpRAGError(.notFound, "../shared/\(relative) is missing")
        }
        return path
    }
}
