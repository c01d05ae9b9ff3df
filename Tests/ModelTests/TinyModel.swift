import Core
import Foundation
import TestSupport

/// A model of a few thousand seeded weights, written as a Hugging Face directory.
struct TinyModel {
    var layerCount = 4
    var hiddenSize = 32
    var intermediateSize = 48
    var queryHeadCount = 4
    var keyHeadCount = 2
    /// Not hiddenSize / queryHeadCount, on purpose.
    var headSize = 16
    var vocabularySize = 61
    var bottomBoundary = 1
    var topBoundary = 2
    var maxPassageTokens = 8
    var maxPositions = 256
    var tiesEmbeddings = false
    var dtype = "F32"
    var seed: UInt64 = 1

    /// Names and shapes, in file order.
    var shapes: [(name: String, shape: [Int])] {
        let (queries, keys) = (queryHeadCount * headSize, keyHeadCount * headSize)
        var shapes = [("model.embed_tokens.weight", [vocabularySize, hiddenSize])]
        for layer in 0..<layerCount {
            let prefix = "model.layers.\(layer)."
            shapes += [
                ("\(prefix)input_layernorm.weight", [hiddenSize]),
                ("\(prefix)self_attn.q_proj.weight", [queries, hiddenSize]),
                ("\(prefix)self_attn.k_proj.weight", [keys, hiddenSize]),
                ("\(prefix)self_attn.v_proj.weight", [keys, hiddenSize]),
                ("\(prefix)self_attn.o_proj.weight", [hiddenSize, queries]),
                ("\(prefix)post_attention_layernorm.weight", [hiddenSize]),
                ("\(prefix)mlp.gate_proj.weight", [intermediateSize, hiddenSize]),
                ("\(prefix)mlp.up_proj.weight", [intermediateSize, hiddenSize]),
                ("\(prefix)mlp.down_proj.weight", [hiddenSize, intermediateSize]),
            ]
        }
        shapes.append(("model.norm.weight", [hiddenSize]))
        if !tiesEmbeddings { shapes.append(("lm_head.weight", [vocabularySize, hiddenSize])) }
        return shapes
    }

    /// The numbers as the file stores them, widened.
    func weights() -> [String: [Float]] {
        var random = SeededGenerator(seed: seed)
        var weights: [String: [Float]] = [:]
        for (name, shape) in shapes {
            let count = shape.reduce(1, *)
            let scale = shape.count == 1 ? 0.3 : 1.6 / Float(shape[shape.count - 1]).squareRoot()
            weights[name] = (0..<count).map { _ in
                let value = Float.random(in: -1...1, using: &random) * scale + (shape.count == 1 ? 1 : 0)
                return dtype == "F32" ? value : BFloat16(value).float
            }
        }
        return weights
    }

    var configuration: [String: Any] {
        [
            "model_type": "llama", "num_hidden_layers": layerCount, "hidden_size": hiddenSize,
            "intermediate_size": intermediateSize, "num_attention_heads": queryHeadCount,
            "num_key_value_heads": keyHeadCount, "head_dim": headSize, "vocab_size": vocabularySize,
            "max_position_embeddings": maxPositions, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
            "tie_word_embeddings": tiesEmbeddings, "bos_token_id": 0, "eos_token_id": 1, "hidden_act": "silu",
            "imprag": [
                "bottom_boundary": bottomBoundary, "top_boundary": topBoundary, "top_k": 3,
                "max_passage_tokens": maxPassageTokens, "passage_encoding": "concatenated",
            ],
        ]
    }

    /// Writes all of it to `directory`, each tensor as `changing` leaves it.
    func write(to directory: TemporaryDirectory, changing: (String, inout [Float]) -> Void = { _, _ in }) throws {
        try writeConfiguration(configuration, to: directory)
        let weights = weights()
        var data = Data()
        var header: [String: Any] = [:]
        for (name, shape) in shapes {
            var numbers = weights[name] ?? []
            changing(name, &numbers)
            let bytes = encode(numbers)
            header[name] = ["dtype": dtype, "shape": shape, "data_offsets": [data.count, data.count + bytes.count]]
            data += bytes
        }
        try safeTensors(JSONSerialization.data(withJSONObject: header), data)
            .write(to: URL(filePath: directory.file("model.safetensors")))
    }

    func encode(_ values: [Float]) -> Data {
        var data = Data(capacity: values.count * 4)
        for value in values {
            switch dtype {
            case "F32": data.append(contentsOf: littleEndian(value.bitPattern))
            case "F16": data.append(contentsOf: littleEndian(halfBits(value)))
            default: data.append(contentsOf: littleEndian(BFloat16(value).bits))
            }
        }
        return data
    }

    private func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}

func writeConfiguration(_ fields: [String: Any], to directory: TemporaryDirectory) throws {
    try JSONSerialization.data(withJSONObject: fields).write(to: URL(filePath: directory.file("config.json")))
}

/// A safetensors file: the header's length, the header, the data.
func safeTensors(_ header: Data, _ data: Data) -> Data {
    Data((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }) + header + data
}

/// IEEE 754 binary16 of a number whose magnitude is between 2⁻¹⁴ and 65504 and which has at most 11 significant bits,
/// or of 0; bf16 numbers of ordinary size are such.
private func halfBits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(bits >> 16 & 0x8000)
    let exponent = Int(bits >> 23 & 0xFF) - 112
    guard exponent > 0 else { return sign }
    return sign | UInt16(exponent << 10) | UInt16(bits >> 13 & 0x3FF)
}
