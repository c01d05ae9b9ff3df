public import Core

/// What the bottom layers make of a prompt: all that generation needs to go on (DESIGN, section 2, "One pass").
public struct PromptState: Sendable {
    /// T ids, BOS first.
    public let tokens: [Int32]
    /// k: the prompt's first position is k · max_passage_tokens.
    public let requestedPassages: Int
    /// `[T × D]`: the hidden states that enter layer b.
    public let hidden: [Float]
    /// `[b × T × h_k·d_h]`: keys after RoPE of layers 0…b−1, in the numbers of the cache that they come from.
    public let keys: CacheNumbers
    /// `[b × T × h_k·d_h]`: values of layers 0…b−1, in the keys' numbers.
    public let values: CacheNumbers
    /// `[h_k·d_h]`: the implicit query vector E_q.
    public let queryEmbedding: [Float]

    public init(
        tokens: [Int32], requestedPassages: Int, hidden: [Float], keys: CacheNumbers, values: CacheNumbers,
        queryEmbedding: [Float]
    ) {
        self.tokens = tokens
        self.requestedPassages = requestedPassages
        self.hidden = hidden
        self.keys = keys
        self.values = values
        self.queryEmbedding = queryEmbedding
    }
}
