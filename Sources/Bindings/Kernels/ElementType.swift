/// How a number is stored.
public enum ElementType: String, Sendable, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    /// Integers from −127 to 127; a weight is one of them times the scale of its row.
    case int8 = "I8"
    /// Bytes that say nothing by themselves: two 4-bit numbers each, or multipliers and offsets of groups.
    case uint8 = "U8"

    /// Bytes per number.
    public var size: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .int8, .uint8: 1
        }
    }
}
