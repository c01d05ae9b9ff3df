/// The arithmetic of a model's matrix products; sums and the residual stream are always float32.
public enum Compute: String, Sendable, CaseIterable {
    case f32
    case bf16
    /// 8- or 4-bit weights, 8-bit activations: checkpoints that `imprag quantize` made; keys and values are bf16.
    case int8
}
