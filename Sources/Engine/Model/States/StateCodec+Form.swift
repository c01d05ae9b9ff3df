import Core
import Kernels

extension StateCodec {
    /// How the bytes of a layer are read.
    var form: StoredStateForm {
        switch self {
        case .bf16: .bf16
        case .int8: .int8
        case .pq: .codes
        }
    }

    /// In headers of states.
    var number: UInt8 {
        switch self {
        case .bf16: 1
        case .int8: 2
        case .pq: 3
        }
    }
}
