import Core
import Foundation
import TestSupport

/// A random model whose vectors have 4096 numbers, so that an index with lists needs only some thousand passages.
enum WideModel {
    private static let (layers, hidden, inner, heads, headSize, vocabulary) = (2, 32, 48, 8, 512, 4096)

    /// Writes it to the directory `path`, with the shipped model's tokenizer.
    static func write(to path: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        try files.copyItem(atPath: CommandLineTests.model + "/tokenizer.json", toPath: path + "/tokenizer.json")
        let configuration: [String: Any] = [
            "model_type": "llama", "num_hidden_layers": layers, "hidden_size": hidden, "intermediate_size": inner,
            "num_attention_heads": heads, "num_key_value_heads": heads, "head_dim": headSize, "vocab_size": vocabulary,
            "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true,
            "bos_token_id": 4094, "eos_token_id": 4095, "hidden_act": "silu",
            "imprag": [
                "bottom_boundary": 1, "top_boundary": 1, "top_k": 3, "max_passage_tokens": 32,
                "passage_encoding": "independent",
            ],
        ]
        try JSONSerialization.data(withJSONObject: configuration).write(to: URL(filePath: path + "/config.json"))
        var random = SeededGenerator(seed: 7)
        var data = Data()
        var header: [String: Any] = [:]
        for (name, shape) in shapes {
            let start = data.count
            let scale = shape.count == 1 ? 0 : 1.6 / Float(shape[1]).squareRoot()
            let count = shape.reduce(1, *)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(2 * count)
            for _ in 0..<count {
                let bits = BFloat16(Float.random(in: -1...1, using: &random) * scale + (shape.count == 1 ? 1 : 0)).bits
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            }
            data.append(contentsOf: bytes)
            header[name] = ["dtype": "BF16", "shape": shape, "data_offsets": [start, data.count]]
        }
        let head = try JSONSerialization.data(withJSONObject: header)
        let length = Data((0..<8).map { UInt8(truncatingIfNeeded: head.count >> (8 * $0)) })
        try (length + head + data).write(to: URL(filePath: path + "/model.safetensors"))
    }

    private static var shapes: [(name: String, shape: [Int])] {
        let width = heads * headSize
        var shapes = [("model.embed_tokens.weight", [vocabulary, hidden]), ("model.norm.weight", [hidden])]
        for layer in 0..<layers {
            let prefix = "model.layers.\(layer)."
            shapes += [
                ("\(prefix)input_layernorm.weight", [hidden]),
                ("\(prefix)self_attn.q_proj.weight", [width, hidden]),
                ("\(prefix)self_attn.k_proj.weight", [width, hidden]),
                ("\(prefix)self_attn.v_proj.weight", [width, hidden]),
                ("\(prefix)self_attn.o_proj.weight", [hidden, width]),
                ("\(prefix)post_attention_layernorm.weight", [hidden]),
                ("\(prefix)mlp.gate_proj.weight", [inner, hidden]),
                ("\(prefix)mlp.up_proj.weight", [inner, hidden]),
                ("\(prefix)mlp.down_proj.weight", [hidden, inner]),
            ]
        }
        return shapes
    }
}
