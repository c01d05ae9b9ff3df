import CKernels

/// The weights of one linear layer or an embedding table: `[rowCount × columnCount]`, one row an output.
///
/// Reads mapped bytes where they lie when their type is the one to compute in; otherwise it keeps a converted copy.
/// Immutable, shared by all threads.
@safe public final class WeightMatrix: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    public let backend: ProductBackend
    /// Bytes of the copy, 0 when the file's own are in use.
    public let copiedBytes: Int

    /// Keeps borrowed bytes where they are.
    private let owner: (any AnyObject & Sendable)?
    // Sendable because nobody writes after `init`; the bytes live as long as `owner`, or are our own.
    nonisolated(unsafe) let base: UnsafeRawPointer

    /// - Parameters:
    ///   - bytes: `rowCount × columnCount` numbers of type `element`, little-endian; they must stay where they are for
    ///     as long as `owner` lives, as those of a mapped file do.
    ///   - compute: the type to multiply in; `f32` or `bf16`.
    ///   - backend: nil takes the best.
    public init(
        bytes: RawSpan, owner: any AnyObject & Sendable, element: ElementType, rowCount: Int, columnCount: Int,
        compute: ElementType, backend: ProductBackend? = nil
    ) {
        let count = rowCount * columnCount
        precondition(
            bytes.byteCount == count * element.size && compute != .f16,
            "\(bytes.byteCount) bytes are not \(rowCount) × \(columnCount) numbers of type \(element)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.backend = backend ?? ProductBackend.best(for: compute)
        precondition((self.backend == .openBLAS) == (compute == .f32), "\(self.backend) does not compute in \(compute)")
        let source = unsafe bytes.withUnsafeBytes { $0.baseAddress }
        if let source = unsafe source, element == compute, Int(bitPattern: source) % compute.size == 0 {
            unsafe base = source
            self.owner = owner
            copiedBytes = 0
            return
        }
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, count * compute.size), alignment: 64)
        if let source = unsafe source {
            unsafe convert(source, element, to: copy, compute, count: count)
        }
        unsafe base = UnsafeRawPointer(copy)
        self.owner = nil
        copiedBytes = count * compute.size
    }

    /// A copy of `values` (`[rowCount × columnCount]`), rounded where `compute` is bf16; for tests and small tables.
    package init(
        _ values: [Float], rowCount: Int, columnCount: Int, compute: ElementType, backend: ProductBackend? = nil
    ) {
        precondition(values.count == rowCount * columnCount && compute != .f16)
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.backend = backend ?? ProductBackend.best(for: compute)
        copiedBytes = values.count * compute.size
        owner = nil
        let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, copiedBytes), alignment: 64)
        unsafe values.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe convert(source, .f32, to: copy, compute, count: values.count)
        }
        unsafe base = UnsafeRawPointer(copy)
    }

    deinit {
        if owner == nil { unsafe base.deallocate() }
    }

    /// Copies row `index`, widened to float32, to `rows[offset..<offset + columnCount]`.
    public func copyRow(_ index: Int, into rows: inout [Float], at offset: Int) {
        precondition(
            index >= 0 && index < rowCount && offset >= 0 && offset + columnCount <= rows.count,
            "row \(index) of \(rowCount) does not fit at \(offset) of \(rows.count) numbers")
        let size = backend == .openBLAS ? 4 : 2
        unsafe rows.withUnsafeMutableBufferPointer { out in
            guard let out = out.baseAddress else { return }
            let from = unsafe base + index * columnCount * size
            unsafe convert(
                from, backend == .openBLAS ? .f32 : .bf16, to: UnsafeMutableRawPointer(out + offset), .f32,
                count: columnCount)
        }
    }
}

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

/// Converts stored numbers to float32 or bf16. `source` may have any alignment; `out` is aligned for its type.
private func convert(
    _ source: UnsafeRawPointer, _ from: ElementType, to out: UnsafeMutableRawPointer, _ to: ElementType, count: Int
) {
    if from == to {
        unsafe out.copyMemory(from: source, byteCount: count * from.size)
        return
    }
    let kernels = unsafe imprag_kernels()
    // In blocks, so that an unaligned or float16 source needs only a small float32 copy.
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

/// IEEE 754 binary16 to float32, exact. By hand because `Float16` is not available on every platform.
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
