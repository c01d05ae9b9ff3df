import Core
import Foundation
import TestSupport

@testable import Model

/// A model of `Families/` (see `make_families.py`) and what `transformers` computes of it in float64.
struct Family: Decodable {
    struct Embeddings: Decodable {
        let length: Int
        let query: [Double]
        let passage: [Double]
    }

    let tokens: [Int32]
    /// After every token.
    let logits: [[Double]]
    let embeddings: [Embeddings]

    static let names = [
        "llama", "llama-biases", "smollm", "mistral", "mistral-whole", "qwen2", "qwen2-window", "qwen3", "qwen3-biases",
    ]

    static func directory(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Families/\(name)")
            .path(percentEncoded: false)
    }

    static func expected(_ name: String) throws -> Family {
        try JSONDecoder().decode(Family.self, from: Data(contentsOf: URL(filePath: directory(name) + "/expected.json")))
    }

    /// A copy whose `config.json` is changed; `imprag` changes that object.
    static func copy(
        _ name: String, _ changes: [String: Any] = [:], imprag: [String: Any] = [:]
    ) throws -> TemporaryDirectory {
        let copy = try TemporaryDirectory()
        try FileManager.default.copyItem(
            atPath: directory(name) + "/model.safetensors", toPath: copy.file("model.safetensors"))
        let data = try Data(contentsOf: URL(filePath: directory(name) + "/config.json"))
        var fields = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        fields.merge(changes) { $1 }
        fields["imprag"] = (fields["imprag"] as? [String: Any] ?? [:]).merging(imprag) { $1 }
        try writeConfiguration(fields, to: copy)
        return copy
    }

    static func load(
        _ directory: String, _ compute: Compute? = .f32, layers: LlamaModel.Layers = .all, threads: Int = 2
    ) throws -> LlamaModel {
        try LlamaModel(directory: directory, layers: layers, compute: compute, threadCount: threads)
    }
}
