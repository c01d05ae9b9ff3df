import Wire

/// What the bottom layers made of a prompt, and how long that took.
struct EncodedPrompt: Sendable {
    let tokens: [Int32]
    /// E_q; of a text that is embedded as a passage, E_p.
    let queryEmbedding: [Float]
    /// The prompt's state as a generator takes it; empty where only the vector was wanted. The float32 state is not
    /// kept: bfloat16 tensors are half its size.
    let tensors: [Tensor]
    let queueTime: Duration
    let promptTime: Duration
}
