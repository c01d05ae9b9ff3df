import CKernels

/// The products with grouped weights of one instruction level, for comparing levels with each other.
@safe package struct Strips: Sendable {
    // Sendable because the tables are constants of the C target.
    private nonisolated(unsafe) let table: UnsafePointer<imprag_grouped_kernels>

    /// Nil when there is no such level or this processor cannot run it.
    package init?(_ name: String) {
        guard let table = unsafe imprag_grouped_kernels_named(name) else { return nil }
        unsafe self.table = table
    }

    /// Products of prepared rows with all outputs of a matrix, those of empty strips included: `[rows × outputs]`.
    package func multiply(_ x: ProductInput, _ matrix: WeightMatrix) -> [Float] {
        guard let grouping = matrix.grouping else { preconditionFailure("a matrix without groups has no strips") }
        precondition(x.width == matrix.columnCount && x.number == .grouped, "\(x.width) columns do not fit")
        let multiply = unsafe grouping.bits == .four ? table.pointee.multiply4 : table.pointee.multiply8
        let strips = matrix.panelCount * WeightGrouping.panelStrips
        let stride = strips * WeightGrouping.stripOutputs
        let bytes = grouping.stripBytes(columnCount: x.width)
        var out = [Float](repeating: .nan, count: x.rows * stride)
        unsafe out.withUnsafeMutableBufferPointer { out in
            guard let out = out.baseAddress else { return }
            for strip in 0..<strips {
                unsafe multiply?(
                    x.memory.base, x.rowBytes, x.rows, matrix.memory.base + strip * bytes,
                    x.stride / WeightGrouping.groupColumns, grouping.groupsPerScale,
                    out + strip * WeightGrouping.stripOutputs, stride)
            }
        }
        return out
    }
}
