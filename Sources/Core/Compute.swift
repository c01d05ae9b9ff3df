/// The arithmetic of a model's matrix products; sums and the residual stream are always float32.
public enum Compute: String, Sendable, CaseIterable {
    case f32
    case bf16
    /// 8-bit weights and activations, for checkpoints that `imprag quantize` made; keys and values are bf16.
    case int8
}
