/// What the bottom layers make of a prompt: all that generation goes on from (DESIGN, section 2, "One pass").
public struct PromptState: Sendable {
    /// T ids, BOS first.
    public let tokens: [Int32]
    /// k: the prompt's first position is k · max_passage_tokens.
    public let requestedPassages: Int
    /// `[T × D]`: the hidden states that enter layer b.
    public let hidden: [Float]
    /// `[b × T × h_k·d_h]`: keys after RoPE of layers 0…b−1.
    public let keys: [Float]
    /// `[b × T × h_k·d_h]`: values of layers 0…b−1.
    public let values: [Float]
    /// `[h_k·d_h]`: the implicit query vector E_q.
    public let queryEmbedding: [Float]
    /// Keys and values are bfloat16 numbers, so that half the bytes say exactly the same.
    public let cachesAreBFloat16: Bool

    public init(
        tokens: [Int32], requestedPassages: Int, hidden: [Float], keys: [Float], values: [Float],
        queryEmbedding: [Float], cachesAreBFloat16: Bool = false
    ) {
        self.tokens = tokens
        self.requestedPassages = requestedPassages
        self.hidden = hidden
        self.keys = keys
        self.values = values
        self.queryEmbedding = queryEmbedding
        self.cachesAreBFloat16 = cachesAreBFloat16
    }
}
