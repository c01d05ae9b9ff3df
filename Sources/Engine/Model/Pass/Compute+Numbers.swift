import Core
import Kernels

extension Compute {
    /// What layers multiply; where a model is quantized, `Checkpoint.products` says which of them have groups.
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
