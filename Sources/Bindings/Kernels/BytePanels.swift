import CKernels

/// The products with weights of one byte of one instruction level, for comparing levels with each other.
@safe package struct BytePanels: Sendable {
    // Sendable because the tables are constants of the C target.
    private nonisolated(unsafe) let panels: UnsafePointer<imprag_panel_kernels>
    private nonisolated(unsafe) let kernels: UnsafePointer<imprag_kernels>

    /// Nil when there is no such level or this processor cannot run it.
    package init?(_ name: String) {
        guard let panels = unsafe imprag_panel_kernels_named(name), let kernels = unsafe imprag_kernels_named(name)
        else { return nil }
        unsafe self.panels = panels
        unsafe self.kernels = kernels
    }

    /// Products of prepared rows with all outputs of a matrix, those behind the last row included: `[rows × outputs]`.
    package func multiply(_ x: ProductInput, _ matrix: WeightMatrix) -> [Float] {
        precondition(
            x.width == matrix.columnCount && x.number == .int8 && matrix.number == .int8,
            "\(x.width) columns do not fit")
        let width = WeightMatrix.panelOutputs
        let stride = matrix.panelCount * width
        var out = [Float](repeating: .nan, count: x.rows * stride)
        unsafe out.withUnsafeMutableBufferPointer { out in
            guard let out = out.baseAddress else { return }
            for panel in 0..<matrix.panelCount {
                unsafe matrix.multiplyBytes(
                    panel, x.memory.base, x.rowBytes, rows: x.rows, into: out + panel * width, stride, panels, kernels)
            }
        }
        return out
    }
}
