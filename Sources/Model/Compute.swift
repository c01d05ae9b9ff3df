/// The arithmetic of the matrix products; sums and the residual stream are float32 in both.
public enum Compute: String, Sendable, CaseIterable {
    case f32
    case bf16
}
