import Core
import Foundation
import Model
import TestSupport
import Testing

@Suite struct ModelConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The tiny model's settings with some changed; a null is as good as an absent field.
    private func read(_ changes: [String: Any], imprag: [String: Any] = [:]) throws -> ModelConfiguration {
        var fields = TinyModel().configuration
        for (name, value) in changes { fields[name] = value }
        if var own = fields["imprag"] as? [String: Any] {
            for (name, value) in imprag { own[name] = value }
            fields["imprag"] = own
        }
        try writeConfiguration(fields, to: directory)
        return try ModelConfiguration(directory: directory.path)
    }

    private func expectRefusal(
        _ changes: [String: Any], imprag: [String: Any] = [:], naming words: String...,
        location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ImpRAGError.self, sourceLocation: location) { try read(changes, imprag: imprag) }
        #expect(error?.code == .invalidArgument, sourceLocation: location)
        for word in words {
            #expect(error?.message.contains(word) == true, "\(String(describing: error))", sourceLocation: location)
        }
    }

    @Test("sizes come from the file; the head size from hidden_size unless head_dim says otherwise")
    func sizes() throws {
        let configuration = try read([:])
        #expect(configuration.headSize == 16)
        #expect(configuration.embeddingDimension == 32)
        #expect(configuration.bottomBoundary == 1 && configuration.topBoundary == 2)
        let derived = try read(["head_dim": NSNull(), "num_key_value_heads": NSNull()])
        #expect(derived.headSize == 8 && derived.keyHeadCount == 4)
    }

    @Test("end tokens are a number or a list, and generation_config.json adds its own")
    func endTokens() throws {
        #expect(try read(["eos_token_id": 5]).endTokens == [5])
        #expect(try read(["eos_token_id": [5, 6]]).endTokens == [5, 6])
        #expect(try read(["eos_token_id": NSNull()]).endTokens == [])
        try Data(#"{"eos_token_id": [6, 7], "temperature": 0.6}"#.utf8)
            .write(to: URL(filePath: directory.file("generation_config.json")))
        #expect(try read(["eos_token_id": 5]).endTokens == [5, 6, 7])
        expectRefusal(["eos_token_id": [61]], naming: "eos_token_id", "61")
        try Data("{".utf8).write(to: URL(filePath: directory.file("generation_config.json")))
        expectRefusal([:], naming: "generation_config.json")
    }

    @Test("what would be computed differently is refused")
    func architecture() throws {
        expectRefusal(["model_type": "gpt2"], naming: "model_type", "gpt2", "llama")
        expectRefusal(["model_type": NSNull()], naming: "model_type")
        expectRefusal(["model_type": "smollm3"], naming: "smollm3", "llama", "mistral", "qwen2", "qwen3")
        expectRefusal(["architectures": ["LlamaModel"]], naming: "LlamaModel", "LlamaForCausalLM")
        expectRefusal(["architectures": ["Qwen2ForCausalLM"]], naming: "Qwen2ForCausalLM", "LlamaForCausalLM")
        expectRefusal(["sliding_window": 4], naming: "sliding_window")
        expectRefusal(["model_type": "mistral", "attention_bias": true], naming: "attention_bias")
        expectRefusal(["model_type": "qwen2", "mlp_bias": true], naming: "mlp_bias")
        expectRefusal(["hidden_act": "gelu"], naming: "hidden_act", "gelu")
        expectRefusal(["quantization_config": ["bits": 4]], naming: "quantization_config")
    }

    @Test("a window is the file's, of the layers that have one; one that no sequence fills is none")
    func windows() throws {
        func windows(_ changes: [String: Any]) throws -> [Int?] { try read(changes).architecture.windows }
        let none = [Int?](repeating: nil, count: 4)
        #expect(try windows([:]) == none)
        #expect(try windows(["model_type": "mistral", "sliding_window": 7]) == [7, 7, 7, 7])
        #expect(try windows(["model_type": "mistral", "sliding_window": 256]) == none)
        #expect(try windows(["model_type": "mistral", "sliding_window": 255]) == [255, 255, 255, 255])
        #expect(try windows(["model_type": "mistral"]) == none, "4096 of 256 positions")
        let qwen: [String: Any] = ["model_type": "qwen3", "sliding_window": 9]
        #expect(try windows(qwen) == none)
        let used = qwen.merging(["use_sliding_window": true]) { $1 }
        #expect(try windows(used) == none, "from layer 28 on")
        #expect(try windows(used.merging(["max_window_layers": 3]) { $1 }) == [nil, nil, nil, 9])
        let types = ["sliding_attention", "full_attention", "sliding_attention", "full_attention"]
        #expect(try windows(used.merging(["layer_types": types]) { $1 }) == [9, nil, 9, nil])
        expectRefusal(used.merging(["layer_types": ["full_attention"]]) { $1 }, naming: "layer_types")
        expectRefusal(used.merging(["sliding_window": 0]) { $1 }, naming: "sliding_window", "0")
    }

    @Test("RoPE settings are read in both spellings; unknown kinds are refused")
    func rotary() throws {
        let llama3: [String: Any] = [
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        ]
        #expect(throws: Never.self) { try read(["rope_scaling": llama3]) }
        #expect(throws: Never.self) {
            try read(["rope_theta": NSNull(), "rope_parameters": llama3.merging(["rope_theta": 5e5]) { $1 }])
        }
        expectRefusal(["rope_scaling": ["type": "yarn", "factor": 2.0]], naming: "yarn", "llama3")
        expectRefusal(["rope_parameters": ["rope_type": "linear"]], naming: "linear")
        var broken = llama3
        broken["high_freq_factor"] = 1.0
        broken["factor"] = "8"
        expectRefusal(["rope_scaling": broken], naming: "high_freq_factor", "factor")
        expectRefusal(["rope_theta": 0], naming: "rope_theta")
    }

    @Test("the imprag object is required and its boundaries must be ordered and inside the model")
    func boundaries() throws {
        expectRefusal(["imprag": NSNull()], naming: "imprag", "imprag-import", "--out")
        expectRefusal(["imprag": 7], naming: "imprag")
        expectRefusal([:], imprag: ["bottom_boundary": -1], naming: "bottom_boundary", "-1")
        expectRefusal([:], imprag: ["bottom_boundary": 3], naming: "top_boundary", "3")
        expectRefusal([:], imprag: ["top_boundary": 4], naming: "top_boundary", "4")
        expectRefusal([:], imprag: ["top_boundary": NSNull()], naming: "top_boundary", "missing")
        expectRefusal([:], imprag: ["max_passage_tokens": 0], naming: "max_passage_tokens")
        expectRefusal([:], imprag: ["max_passage_tokens": 257], naming: "max_passage_tokens", "256")
        expectRefusal([:], imprag: ["passage_encoding": "together"], naming: "passage_encoding", "concatenated")
        expectRefusal([:], imprag: ["topk": 3], naming: "no such field", "topk", "did you mean \"top_k\"?")
    }

    @Test("every problem is in one error")
    func everyProblem() {
        expectRefusal(
            ["hidden_size": 0, "vocab_size": "many", "hidden_act": "relu", "bos_token_id": 1 << 40],
            imprag: ["top_k": -1], naming: "hidden_size", "vocab_size", "many", "hidden_act", "bos_token_id", "top_k")
    }

    @Test("numbers that fit alone and not together are refused")
    func consistency() {
        expectRefusal(["num_key_value_heads": 3], naming: "num_key_value_heads", "3")
        expectRefusal(["head_dim": 15], naming: "15", "even")
        expectRefusal(["head_dim": NSNull(), "hidden_size": 30], naming: "hidden_size", "head_dim")
        expectRefusal(["num_hidden_layers": 1 << 40], naming: "num_hidden_layers")
    }

    @Test("a missing, empty or foreign config.json is refused by name")
    func files() throws {
        #expect(throws: ImpRAGError.self) { try ModelConfiguration(directory: directory.file("absent")) }
        let deep = 100_000
        let texts = [
            "", "[]", "{", "\u{0}", "7", #"{"a": 1e999}"#, String(repeating: "[", count: deep),
            #"{"a": "# + String(repeating: "[", count: 400) + String(repeating: "]", count: 400) + "}",
        ]
        for text in texts {
            try Data(text.utf8).write(to: URL(filePath: directory.file("config.json")))
            let error = #expect(throws: ImpRAGError.self) { try ModelConfiguration(directory: directory.path) }
            #expect(error?.message.contains("config.json") == true)
        }
    }
}
