import Kernels

/// What turns the last layer's output into logits.
struct OutputWeights: Sendable {
    let norm: [Float]
    /// `[vocabulary × D]`.
    let head: Projection
}
