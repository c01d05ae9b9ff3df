import CKernels

/// The number type of a product's panels; sums are float32, for int8 int32.
public enum ProductNumber: Sendable, CaseIterable {
    case f32
    /// Rows are rounded to bf16 too, where the processor multiplies bf16; elsewhere they stay float32.
    case bf16
    /// Weights in −127…127 with a scale per row; inputs are rounded to 8 bits, with a scale for every 256.
    case int8
    /// 4- or 8-bit weights with scales shared by groups of 32 (`grouped.h`); inputs as beside int8.
    case grouped

    /// Bytes per number.
    public var size: Int { imprag_number_bytes(raw) }

    /// How weights of this kind are stored.
    public var element: ElementType {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .int8: .int8
        case .grouped: .uint8
        }
    }

    /// Consecutive numbers of a row that are packed together.
    var group: Int { imprag_group(raw) }

    /// What rows are converted to for panels of this type: for bf16, float32 where the processor cannot multiply bf16.
    var rows: ProductNumber { unsafe rows(beside: imprag_panel_kernels()) }

    func rows(beside kernels: UnsafePointer<imprag_panel_kernels>) -> ProductNumber {
        let raw = unsafe imprag_rows_beside(kernels, raw)
        return Self.allCases.first { $0.raw == raw } ?? self
    }

    var raw: imprag_number {
        switch self {
        case .f32: imprag_f32
        case .bf16: imprag_bf16
        case .int8: imprag_int8
        case .grouped: imprag_grouped
        }
    }

    /// A row's length in memory: whole groups of every type, in whole cache lines.
    static func padded(_ count: Int) -> Int { (count + 63) / 64 * 64 }

    /// Bytes of a row of `count` numbers that enters a product.
    func rowBytes(_ count: Int) -> Int {
        switch self {
        case .int8: imprag_bytes_row(Self.padded(count))
        case .grouped: imprag_grouped_row_bytes(count)
        case .f32, .bf16: Self.padded(count) * rows.size
        }
    }

    /// Consecutive inputs of products in 8 bits that share a scale.
    public static let scaledInputs = Int(imprag_bytes_block)
}
