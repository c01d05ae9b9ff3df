public import Core
import Foundation

/// The index of the first number that is NaN or infinite; nil when all are finite.
///
/// - Parameter bytes: numbers of type `element`, little-endian, at any address.
public func firstNotFinite(_ bytes: RawSpan, _ element: ElementType) -> Int? {
    unsafe bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return nil }
        return switch element {
        case .f32: unsafe firstWithAllBits(of: 0x7F80_0000 as UInt32, base, count: bytes.count / 4)
        case .bf16: unsafe firstWithAllBits(of: 0x7F80 as UInt16, base, count: bytes.count / 2)
        case .f16: unsafe firstWithAllBits(of: 0x7C00 as UInt16, base, count: bytes.count / 2)
        case .int8, .uint8: nil
        }
    }
}

/// Whether none is NaN or infinite.
public func areFinite(_ numbers: [Float]) -> Bool {
    unsafe firstNotFinite(numbers.span.bytes, .f32) == nil
}

/// Whether none is NaN or infinite.
public func areFinite(_ numbers: CacheNumbers) -> Bool {
    switch numbers {
    case .f32(let numbers): areFinite(numbers)
    case .bf16(let numbers): unsafe firstNotFinite(numbers.span.bytes, .bf16) == nil
    }
}

/// The first number with all bits of `exponent` set: adding the exponent's lowest bit then carries into the sign bit
/// above it. No branches inside a block, so that the loop vectorizes.
@inline(__always)
private func firstWithAllBits<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    of exponent: Bits, _ base: UnsafeRawPointer, count: Int
) -> Int? {
    let lowest = exponent & (0 &- exponent)
    let sign = exponent &+ lowest
    func carried(_ index: Int) -> Bits {
        let bits = unsafe base.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
        return (bits & exponent) &+ lowest
    }
    for start in stride(from: 0, to: count, by: 4096) {
        let block = start..<min(start + 4096, count)
        var all: Bits = 0
        for index in block { all |= carried(index) }
        if all & sign != 0 { return block.first { carried($0) & sign != 0 } }
    }
    return nil
}

/// Whether two byte ranges are equal.
public func areEqual(_ left: RawSpan, _ right: RawSpan) -> Bool {
    unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            guard left.count == right.count else { return false }
            guard let one = left.baseAddress, let other = right.baseAddress else { return left.count == 0 }
            return unsafe memcmp(one, other, left.count) == 0
        }
    }
}
