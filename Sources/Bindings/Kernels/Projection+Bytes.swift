import CKernels

extension Projection {
    /// The products of some panels of matrix `index`, whose weights are bytes (`bytes.h`).
    func multiplyBytes(_ index: Int, _ panels: Range<Int>, _ job: Job) {
        let matrix = matrices[index]
        defer { withExtendedLifetime(matrix) {} }
        let width = WeightMatrix.panelOutputs
        for panel in panels {
            unsafe matrix.multiplyBytes(
                panel, job.x, job.rowBytes, rows: job.rows, into: job.y + columns[index] + panel * width, stride,
                imprag_panel_kernels(), imprag_kernels())
        }
    }
}

extension WeightMatrix {
    /// Products of `rows` rows of bytes with one panel, by these tables.
    func multiplyBytes(
        _ panel: Int, _ x: UnsafeMutableRawPointer, _ rowBytes: Int, rows: Int, into out: UnsafeMutablePointer<Float>,
        _ stride: Int, _ panels: UnsafePointer<imprag_panel_kernels>?, _ kernels: UnsafePointer<imprag_kernels>?
    ) {
        let width = Self.panelOutputs
        let padded = ProductNumber.padded(columnCount)
        unsafe scales.withUnsafeBufferPointer { scales in
            unsafe sums.withUnsafeBufferPointer { sums in
                guard let scales = scales.baseAddress, let sums = sums.baseAddress else { return }
                unsafe imprag_multiply_bytes(
                    panels, kernels, x, rowBytes, rows, memory.base + panel * panelBytes, padded,
                    scales + panel * width, sums + panel * imprag_bytes_blocks(padded) * width, out, stride)
            }
        }
    }
}
