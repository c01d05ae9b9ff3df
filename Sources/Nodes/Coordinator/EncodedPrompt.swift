import Wire

/// What the bottom layers made of a prompt, and how long that took.
struct EncodedPrompt: Sendable {
    let tokens: [Int32]
    /// E_q.
    let queryEmbedding: [Float]
    /// The prompt's state, as a generator takes it. The state itself is gone: bfloat16 tensors are half as large.
    let tensors: [Tensor]
    let queueTime: Duration
    let promptTime: Duration
}
