import Wire

/// What the bottom layers made of a prompt, and how long that took.
struct EncodedPrompt: Sendable {
    let tokens: [Int32]
    /// E_q.
    let queryEmbedding: [Float]
    /// The prompt's state as a generator takes it. The float32 state is not kept: bfloat16 tensors are half its size.
    let tensors: [Tensor]
    let queueTime: Duration
    let promptTime: Duration
}
