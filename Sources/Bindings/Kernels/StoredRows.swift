import Core

/// A table whose rows are looked up in place, one by one: embeddings in a mapped file. Immutable.
@safe public final class StoredRows: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    private let element: ElementType
    /// Keeps the bytes alive.
    private let owner: any AnyObject & Sendable
    // Sendable because nobody writes, and the bytes live as long as `owner`.
    private nonisolated(unsafe) let base: UnsafeRawPointer?

    /// - Parameters:
    ///   - bytes: `rowCount × columnCount` numbers, little-endian, which stay in place for as long as `owner` lives.
    ///   - element: any but int8 and uint8, whose rows have scales.
    public init(
        bytes: RawSpan, owner: any AnyObject & Sendable, element: ElementType, rowCount: Int, columnCount: Int
    ) {
        precondition(
            element != .int8 && element != .uint8 && bytes.byteCount == rowCount * columnCount * element.size,
            "\(bytes.byteCount) bytes are not \(rowCount) × \(columnCount) numbers of type \(element)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.element = element
        self.owner = owner
        unsafe base = bytes.withUnsafeBytes { $0.baseAddress }
    }

    /// Copies row `index`, rounded to `number`'s precision, to `rows[offset..<offset + columnCount]` as float32.
    public func copyRow(_ index: Int, as number: ProductNumber, into rows: inout [Float], at offset: Int) {
        defer { withExtendedLifetime(self) {} }
        precondition(
            index >= 0 && index < rowCount && offset >= 0 && offset + columnCount <= rows.count,
            "row \(index) of \(rowCount) does not fit at \(offset) of \(rows.count) numbers")
        unsafe rows.withUnsafeMutableBufferPointer { out in
            guard let out = out.baseAddress, let base = unsafe base else { return }
            let from = unsafe base + index * columnCount * element.size
            unsafe convert(from, element, to: UnsafeMutableRawPointer(out + offset), .f32, count: columnCount)
            guard number != .f32, element != .bf16 else { return }
            for column in offset..<offset + columnCount {
                unsafe out[column] = BFloat16(out[column]).float
            }
        }
    }
}
