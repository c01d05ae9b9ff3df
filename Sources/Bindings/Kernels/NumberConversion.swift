import CKernels
public import Core

/// `count` numbers of type `element`, little-endian, widened to float32 exactly.
public func widened(_ bytes: RawSpan, _ element: ElementType) -> [Float] {
    let count = bytes.byteCount / element.size
    return unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        unsafe bytes.withUnsafeBytes { source in
            guard let source = source.baseAddress, let out = buffer.baseAddress else { return }
            unsafe convert(source, element, to: UnsafeMutableRawPointer(out), .f32, count: count)
        }
        initialized = count
    }
}

/// bf16 numbers as float32.
public func widened(_ numbers: [BFloat16]) -> [Float] {
    unsafe [Float](unsafeUninitializedCapacity: numbers.count) { buffer, initialized in
        unsafe numbers.withUnsafeBytes { source in
            guard let source = source.baseAddress, let out = buffer.baseAddress else { return }
            unsafe convert(source, .bf16, to: UnsafeMutableRawPointer(out), .f32, count: numbers.count)
        }
        initialized = numbers.count
    }
}

/// Numbers rounded to bf16, to nearest, ties to even.
public func narrowed(_ numbers: [Float]) -> [BFloat16] {
    unsafe [BFloat16](unsafeUninitializedCapacity: numbers.count) { buffer, initialized in
        unsafe numbers.withUnsafeBytes { source in
            guard let source = source.baseAddress, let out = buffer.baseAddress else { return }
            unsafe convert(source, .f32, to: UnsafeMutableRawPointer(out), .bf16, count: numbers.count)
        }
        initialized = numbers.count
    }
}

/// Converts stored numbers to float32 or bf16. `source` may have any alignment; `out` is aligned for its type.
func convert(
    _ source: UnsafeRawPointer, _ from: ElementType, to out: UnsafeMutableRawPointer, _ to: ElementType, count: Int
) {
    if from == to {
        unsafe out.copyMemory(from: source, byteCount: count * from.size)
        return
    }
    let kernels = unsafe imprag_kernels()
    // In blocks, so that an unaligned or float16 source needs only a small float32 buffer.
    let block = 4096
    var wide = [Float](repeating: 0, count: min(block, count))
    var half = [UInt16](repeating: 0, count: min(block, count))
    for start in stride(from: 0, to: count, by: block) {
        let part = min(block, count - start)
        let bytes = unsafe source + start * from.size
        unsafe wide.withUnsafeMutableBufferPointer { wide in
            guard let wide = wide.baseAddress else { return }
            unsafe half.withUnsafeMutableBufferPointer { half in
                guard let half = half.baseAddress else { return }
                switch from {
                case .f32:
                    unsafe UnsafeMutableRawPointer(wide).copyMemory(from: bytes, byteCount: part * 4)
                case .bf16:
                    unsafe UnsafeMutableRawPointer(half).copyMemory(from: bytes, byteCount: part * 2)
                    unsafe kernels?.pointee.widen(half, wide, part)
                case .int8, .uint8: preconditionFailure("\(from) numbers mean nothing without their scales")
                case .f16:
                    unsafe UnsafeMutableRawPointer(half).copyMemory(from: bytes, byteCount: part * 2)
                    for index in 0..<part { unsafe wide[index] = float(fromHalf: half[index]) }
                }
            }
            if to == .f32 {
                unsafe (out + start * 4).copyMemory(from: wide, byteCount: part * 4)
            } else {
                unsafe kernels?.pointee.narrow(
                    wide, (out + start * 2).assumingMemoryBound(to: UInt16.self), part)
            }
        }
    }
}

/// IEEE 754 binary16 to float32, exact. Written by hand because `Float16` is not available on every platform.
func float(fromHalf bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
        // Zero and subnormals: fraction · 2⁻²⁴.
        let magnitude = Float(fraction) * 0x1p-24
        return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
}
