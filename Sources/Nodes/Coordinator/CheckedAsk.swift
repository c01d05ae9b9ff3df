import Core

/// A request whose every field is in range and filled in.
struct CheckedAsk {
    let prompt: String
    let k: Int
    let encoding: PassageEncoding
    let sampling: Sampling
    /// False when `sampling.maxTokens` is the coordinator's default, which gives way to the model's context.
    let maxTokensWasGiven: Bool
}
