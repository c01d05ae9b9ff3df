/// What a model's layers compute, and from which tensors, whatever its family. Configuration, loader, memory estimate,
/// quantizer and fingerprint all read it here.
///
/// All families have the same layer, and differ in which of its parts they have:
///
///     n = RMSNorm(x)    x += W_o · attention(rope(norm(W_q n + b_q)), rope(norm(W_k n + b_k)), W_v n + b_v) + b_o
///     m = RMSNorm(x)    x += W_down · (silu(W_gate m + b_gate) ⊙ (W_up m + b_up)) + b_down
///
/// E_q and E_p are made of what enters RoPE: after biases and after the heads' norm, where a family has them.
public struct Architecture: Sendable {
    public let family: ModelFamily
    /// N.
    public let layerCount: Int
    /// D.
    public let hiddenSize: Int
    /// Width of the feed-forward layers.
    public let intermediateSize: Int
    /// h_q.
    public let queryHeadCount: Int
    /// h_k.
    public let keyHeadCount: Int
    /// d_h.
    public let headSize: Int
    public let vocabularySize: Int
    /// Positions that the model was made for; a request beyond it is refused.
    public let maxPositions: Int
    /// Added to the mean square in RMSNorm.
    public let normEpsilon: Double
    /// Whether the embedding table is the output layer as well.
    public let tiesEmbeddings: Bool
    /// Bits of the matrices' numbers, as `ModelQuantizer` writes them: 8, or 4 where some have 4; nil for others.
    public let quantizedBits: Int?
    /// Whether each head of queries and keys goes through an RMSNorm before RoPE.
    public let normalizesHeads: Bool
    /// `[N]`: how many tokens of its own sequence, itself included, a token attends to; nil for all.
    ///
    /// A passage's tokens count those of their passage (or of all passages, when these are one sequence), a prompt's
    /// and its answer's those of prompt and answer. What was retrieved is seen whole, however far: passages have no
    /// distance to the prompt that a window could mean.
    public let windows: [Int?]
    /// The matrices that have a bias.
    let biases: Set<LinearPart>
    let rotary: RotarySettings

    /// h_k · d_h: the length of query and passage embeddings and of one token's keys in one layer.
    public var embeddingDimension: Int { keyHeadCount * headSize }
}

/// A layer's matrices, by the names of their tensors.
enum LinearPart: String, CaseIterable, Sendable {
    case query = "self_attn.q_proj"
    case key = "self_attn.k_proj"
    case value = "self_attn.v_proj"
    case output = "self_attn.o_proj"
    case gate = "mlp.gate_proj"
    case up = "mlp.up_proj"
    case down = "mlp.down_proj"
}

/// A layer's norms, by the names of their tensors.
enum NormPart: String, CaseIterable, Sendable {
    case input = "input_layernorm"
    case feedForward = "post_attention_layernorm"
    case query = "self_attn.q_norm"
    case key = "self_attn.k_norm"
}
