/// A float32 cut to its upper 16 bits: 8 bits of exponent, 7 of fraction.
public struct BFloat16: Hashable, Sendable, BitwiseCopyable {
    public let bits: UInt16

    public init(bits: UInt16) {
        self.bits = bits
    }

    /// Rounds to nearest, ties to even; NaN stays NaN.
    public init(_ value: Float) {
        let wide = value.bitPattern
        if value.isNaN {
            bits = UInt16(truncatingIfNeeded: wide >> 16) | 0x0040
        } else {
            bits = UInt16(truncatingIfNeeded: (wide &+ 0x7FFF &+ ((wide >> 16) & 1)) >> 16)
        }
    }

    public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
