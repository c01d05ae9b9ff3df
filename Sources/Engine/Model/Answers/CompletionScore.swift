/// The log-probabilities of a given completion.
public struct CompletionScore: Sendable {
    /// The completion's ids, tokenised by itself, without BOS.
    public let tokens: [Int32]
    /// Natural logarithms, one per token.
    public let logprobs: [Float]
    /// Softmax weight of the last prompt token on each passage, in rank order.
    public let passageAttention: [Float]
}
