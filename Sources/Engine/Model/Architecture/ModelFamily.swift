/// The families of decoders that this runtime computes as their authors do; `model_type` of `config.json`.
public enum ModelFamily: String, CaseIterable, Sendable {
    case llama
    case mistral
    case qwen2
    case qwen3

    /// What `architectures` of `config.json` calls it, where there is such a field.
    var className: String {
        switch self {
        case .llama: "LlamaForCausalLM"
        case .mistral: "MistralForCausalLM"
        case .qwen2: "Qwen2ForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        }
    }

    /// What `max_position_embeddings` is where it is missing.
    var defaultPositions: Int {
        switch self {
        case .llama: 2048
        case .mistral: 131_072
        case .qwen2, .qwen3: 32768
        }
    }
}
