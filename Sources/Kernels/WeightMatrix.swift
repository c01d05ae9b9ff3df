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
    // Sendable because nobody writes after `init`; the bytes live as long as `owner`, or are our own. The pointer does not
    // keep this object, and the optimizer ends objects after their last use: who reads through it extends our lifetime.
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
        defer { withExtendedLifetime(self) {} }
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
