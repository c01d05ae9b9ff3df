import CKernels

/// Linear layers that read the same input: their outputs lie side by side in one row, each starting at a multiple of
/// 64.
///
/// A row's result has the same bits whatever other rows are in the batch, on any number of threads.
public struct Projection: Sendable {
    public let matrices: [WeightMatrix]
    /// The column of each matrix's first output.
    public let columns: [Int]
    /// Numbers from one output row to the next.
    public let stride: Int

    /// - Parameter matrices: at least one, all with the same number of columns and the same number type.
    public init(_ matrices: [WeightMatrix]) {
        precondition(
            !matrices.isEmpty
                && matrices.allSatisfy {
                    $0.columnCount == matrices[0].columnCount && $0.number == matrices[0].number
                }, "matrices of different widths or numbers cannot share an input")
        self.matrices = matrices
        var columns: [Int] = []
        var stride = 0
        for matrix in matrices {
            columns.append(stride)
            stride += matrix.panelCount * WeightMatrix.panelOutputs
        }
        self.columns = columns
        self.stride = stride
    }

    /// Inputs per row.
    public var inputCount: Int { matrices[0].columnCount }
    /// The number type that the input must be prepared for.
    public var number: ProductNumber { matrices[0].number }

    /// `y = x · Wᵀ` for all matrices, or for those in `selection`, whose outputs keep their columns.
    ///
    /// - Parameters:
    ///   - x: rows of `inputCount` numbers.
    ///   - y: room for `x.rows` rows of `stride`; overwritten in these matrices' columns, up to the next multiple of
    ///     64.
    public func callAsFunction(
        _ x: ProductInput, into y: inout [Float], selection: Range<Int>? = nil, pool: WorkerPool
    ) {
        let rows = x.rows
        precondition(
            x.width == inputCount && x.number == number && y.count >= rows * stride,
            "\(rows) rows of \(x.width) to \(inputCount) × \(stride) do not fit \(y.count) numbers")
        guard rows > 0 else { return }
        let selected = selection ?? matrices.indices
        let panels = selected.reduce(0) { $0 + matrices[$1].panelCount }
        let input = x.memory
        unsafe y.withUnsafeMutableBufferPointer { y in
            guard let y = y.baseAddress else { return }
            // The pointers outlive the job, which `run` waits for; panels write to different columns of y.
            nonisolated(unsafe) let job = unsafe Job(
                x: input.base, stride: x.stride, rowBytes: x.rowBytes, rows: rows, y: y)
            let cut = ProductPieces(
                panels: panels, rows: rows, threads: pool.threadCount,
                multiplications: rows * inputCount * panels * WeightMatrix.panelOutputs)
            pool.run(cut.count) { piece in
                let started = imprag_nanoseconds()
                let (part, partRows) = (cut.panels(of: piece), cut.rows(of: piece))
                let own = unsafe job.taking(partRows, outputStride: stride)
                var skipped = 0
                for index in selected {
                    let count = matrices[index].panelCount
                    let lower = min(count, max(0, part.lowerBound - skipped))
                    let upper = max(lower, min(count, part.upperBound - skipped))
                    skipped += count
                    multiply(index, lower..<upper, own)
                }
                let products = partRows.count * part.count * WeightMatrix.panelOutputs * inputCount
                imprag_count_product(imprag_nanoseconds() &- started, UInt64(products))
            }
        }
        withExtendedLifetime(input) {}
    }

    @safe struct Job {
        let x: UnsafeMutableRawPointer
        let stride: Int
        let rowBytes: Int
        let rows: Int
        let y: UnsafeMutablePointer<Float>

        /// The same product of some of the rows.
        func taking(_ part: Range<Int>, outputStride: Int) -> Job {
            let first = part.lowerBound
            return unsafe Job(
                x: x + first * rowBytes, stride: stride, rowBytes: rowBytes, rows: part.count,
                y: y + first * outputStride)
        }
    }

    /// Rows multiplied with a panel in a block: their inputs stay in the L2 and L3 caches.
    static let blockRows = 768

    private func multiply(_ index: Int, _ panels: Range<Int>, _ job: Job) {
        let matrix = matrices[index]
        defer { withExtendedLifetime(matrix) {} }
        switch number {
        case .grouped: return multiplyStrips(index, panels, job)
        case .int8: return multiplyBytes(index, panels, job)
        case .f32, .bf16: break
        }
        let width = WeightMatrix.panelOutputs
        let groups = ProductNumber.padded(inputCount) / number.group
        let multiply = unsafe number.multiply
        let blocks = (job.rows + Self.blockRows - 1) / Self.blockRows
        for panel in panels {
            let weights = unsafe matrix.memory.base + panel * matrix.panelBytes
            for block in 0..<blocks {
                let (first, end) = (job.rows * block / blocks, job.rows * (block + 1) / blocks)
                let out = unsafe job.y + first * stride + columns[index] + panel * width
                unsafe multiply?(
                    job.x + first * job.rowBytes, job.stride, end - first, weights, width, groups, out,
                    stride, false)
            }
        }
    }
}

extension ProductNumber {
    typealias Multiply =
        @convention(c) (
            UnsafeRawPointer?, Int, Int, UnsafeRawPointer?, Int, Int, UnsafeMutableRawPointer?, Int, Bool
        ) -> Void

    /// The product of the table chosen for this processor.
    var multiply: Multiply? { unsafe multiply(of: imprag_panel_kernels().pointee) }

    func multiply(of kernels: imprag_panel_kernels) -> Multiply? {
        switch self {
        case .f32: unsafe kernels.multiply.0
        case .bf16: unsafe kernels.multiply.1
        case .int8: unsafe kernels.multiply.2
        case .grouped: nil
        }
    }
}
