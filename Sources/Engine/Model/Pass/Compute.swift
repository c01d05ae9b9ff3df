import Kernels

/// The arithmetic of the matrix products; sums and the residual stream are float32 in all.
public enum Compute: String, Sendable, CaseIterable {
    case f32
    case bf16
    /// 8-bit weights and activations, for checkpoints that `imprag quantize` made; keys and values are bf16.
    case int8

    /// What layers multiply.
    var products: ProductNumber {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        }
    }

    /// What keys and values are kept in.
    var states: ProductNumber { self == .f32 ? .f32 : .bf16 }
}
