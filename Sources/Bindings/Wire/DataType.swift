import CWire

/// The type of a tensor's numbers.
public enum DataType: String, Sendable, CaseIterable {
    case float32
    case bfloat16
    case int32
    case uint8
}

extension DataType: WireEnumeration {
    var stored: Imprag__DataType {
        switch self {
        case .float32: IMPRAG__DATA_TYPE__FLOAT32
        case .bfloat16: IMPRAG__DATA_TYPE__BFLOAT16
        case .int32: IMPRAG__DATA_TYPE__INT32
        case .uint8: IMPRAG__DATA_TYPE__UINT8
        }
    }
}
