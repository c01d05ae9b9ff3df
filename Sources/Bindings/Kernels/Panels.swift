import CKernels

/// The panel products of one instruction level, for comparing levels with each other.
@safe package struct Panels: Sendable {
    // Sendable because the tables are constants of the C target.
    private nonisolated(unsafe) let table: UnsafePointer<imprag_panel_kernels>

    /// Nil when there is no such level or this processor cannot run it.
    package init?(_ name: String) {
        guard let table = unsafe imprag_panel_kernels_named(name) else { return nil }
        unsafe self.table = table
    }

    package var name: String { unsafe String(cString: table.pointee.name) }

    /// The number type of the rows multiplied with panels of `number` at this level.
    package func rows(beside number: ProductNumber) -> ProductNumber { unsafe number.rows(beside: table) }

    /// Adds the products of `rows` rows of `a` and a panel to the rows of `c`, or overwrites them.
    ///
    /// - Parameters:
    ///   - a: rows `rowStride` apart, of `groups` groups of numbers.
    ///   - panel: made by `pack`.
    ///   - c: rows of `width` sums, `sumStride` apart, from `first` on.
    package func multiply<Given: BitwiseCopyable, Weight: BitwiseCopyable, Sum: BitwiseCopyable>(
        _ number: ProductNumber, _ a: [Given], rowStride: Int, rows: Int, panel: [Weight], width: Int, groups: Int,
        into c: inout [Sum], from first: Int = 0, sumStride: Int, adds: Bool
    ) {
        precondition(
            MemoryLayout<Given>.size == self.rows(beside: number).size && MemoryLayout<Weight>.size == number.size
                && MemoryLayout<Sum>.size == 4 && rows > 0
                && a.count >= (rows - 1) * rowStride + groups * number.group
                && panel.count >= groups * width * number.group && c.count >= first + (rows - 1) * sumStride + width,
            "\(rows) rows of \(groups) groups and \(width) columns do not fit")
        let multiply = unsafe number.multiply(of: table.pointee)
        unsafe c.withUnsafeMutableBytes { c in
            unsafe multiply?(
                a, rowStride, rows, panel, width, groups, c.baseAddress.map { unsafe $0 + 4 * first }, sumStride, adds)
        }
    }

    /// Packs rows of `depth` numbers, `stride` apart, as the columns of one panel.
    package static func pack<Number: BitwiseCopyable>(
        _ number: ProductNumber, _ rows: [Number], stride: Int, count: Int, depth: Int, width: Int, groups: Int,
        filledWith filler: Number
    ) -> [Number] {
        precondition(
            MemoryLayout<Number>.size == number.size && rows.count >= (count - 1) * stride + depth
                && (1...width).contains(count) && groups * number.group >= depth,
            "\(count) rows of \(depth) do not fit \(groups) groups of \(width) columns")
        var panel = [Number](repeating: filler, count: groups * width * number.group)
        unsafe panel.withUnsafeMutableBytes {
            unsafe imprag_pack(number.raw, rows, stride, count, depth, $0.baseAddress, width, groups)
        }
        return panel
    }

    /// The index in a panel of the number at `depth` of column `column`.
    package static func place(_ number: ProductNumber, width: Int, column: Int, depth: Int) -> Int {
        imprag_panel_place(number.raw, width, column, depth)
    }
}
