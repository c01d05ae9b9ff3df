/// How a number is stored.
public enum ElementType: String, Sendable, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"

    /// Bytes per number.
    public var size: Int { self == .f32 ? 4 : 2 }
}
