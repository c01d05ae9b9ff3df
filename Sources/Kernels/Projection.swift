import CKernels
import COneDNN
import COpenBLAS

/// Linear layers that read the same input: their outputs stand side by side in one row.
///
/// How the work is cut into tiles depends on the shapes only, and each tile is one library call on one thread. So the bits
/// of a result depend neither on the number of threads nor on what runs beside it.
public struct Projection: Sendable {
    public let matrices: [WeightMatrix]
    /// Numbers that go in, per row.
    public let inputCount: Int
    /// Numbers that come out, per row.
    public let outputCount: Int

    /// - Parameter matrices: at least one, all with the same number of columns and the same backend.
    public init(_ matrices: [WeightMatrix]) {
        precondition(
            !matrices.isEmpty
                && matrices.allSatisfy {
                    $0.columnCount == matrices[0].columnCount && $0.backend == matrices[0].backend
                }, "matrices of different widths or backends cannot share an input")
        self.matrices = matrices
        inputCount = matrices[0].columnCount
        outputCount = matrices.reduce(0) { $0 + $1.rowCount }
    }

    /// Rows that an output of `rows` rows must have room for: oneDNN makes a program for each number of rows, so there
    /// are few numbers, and what lies beyond `rows` is noise.
    public static func paddedRows(_ rows: Int) -> Int { rows <= 1 ? rows : (rows + 7) / 8 * 8 }

    /// `y = x · Wᵀ` for all matrices.
    ///
    /// - Parameters:
    ///   - x: `rows` rows of `inputCount` numbers, `stride` apart.
    ///   - y: room for `paddedRows(rows)` rows of `outputCount`; overwritten.
    ///   - scratch: the caller's own, for no other use during the call.
    public func callAsFunction(
        _ x: [Float], stride: Int, rows: Int, into y: inout [Float], scratch: ProductScratch,
        pool: WorkerPool
    ) {
        guard rows > 0 else { return }
        precondition(
            x.count >= (rows - 1) * stride + inputCount && stride >= inputCount
                && y.count >= Self.paddedRows(rows) * outputCount,
            "\(rows) rows of \(inputCount) to \(outputCount) do not fit \(x.count) and \(y.count) numbers")
        _ = ProductBackend.openBLASIsSerial
        // `multiply` reads the scratch's memory after its last mention.
        defer { withExtendedLifetime(scratch) {} }
        unsafe x.withUnsafeBufferPointer { x in
            unsafe y.withUnsafeMutableBufferPointer { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                switch matrices[0].backend {
                case .openBLAS:
                    unsafe multiply(x, inputStride: stride, narrow: nil, rows: rows, y, pool)
                case .oneDNN:
                    let narrow = unsafe scratch.narrow(
                        x, stride: stride, rows: rows, padded: Self.paddedRows(rows), columns: inputCount)
                    unsafe multiply(x, inputStride: stride, narrow: narrow, rows: Self.paddedRows(rows), y, pool)
                case .widenedOpenBLAS:
                    let rounded = unsafe scratch.rounded(x, stride: stride, rows: rows, columns: inputCount)
                    unsafe multiply(rounded, inputStride: inputCount, narrow: nil, rows: rows, y, pool)
                }
            }
        }
    }

    /// Rows of x in a tile.
    private static let tileRows = 64

    /// Outputs in a tile of `rows` rows: enough work that a thread's visit and the library's call pay, some 10 to 100 µs.
    private func tileOutputs(_ rows: Int) -> Int {
        let byWork = (1 << 23) / (rows * inputCount)
        let byBytes = (1 << 18) / inputCount
        let wanted = max(256, min(byWork, max(byBytes, 1)))
        return (wanted + 63) / 64 * 64
    }

    private func multiply(
        _ x: UnsafePointer<Float>, inputStride: Int, narrow: UnsafePointer<UInt16>?, rows: Int,
        _ y: UnsafeMutablePointer<Float>, _ pool: WorkerPool
    ) {
        var tiles: [Tile] = []
        let width = tileOutputs(min(rows, Self.tileRows))
        for firstRow in stride(from: 0, to: rows, by: Self.tileRows) {
            var column = 0
            for (index, matrix) in matrices.enumerated() {
                for first in stride(from: 0, to: matrix.rowCount, by: width) {
                    tiles.append(
                        Tile(
                            matrix: index, firstRow: firstRow, rows: min(Self.tileRows, rows - firstRow),
                            firstOutput: first, outputs: min(width, matrix.rowCount - first), column: column + first))
                }
                column += matrix.rowCount
            }
        }
        // The pointers outlive the job, which `run` waits for; tiles write to different parts of y.
        nonisolated(unsafe) let (x, y, narrow) = unsafe (x, y, narrow)
        let work: @Sendable (Int) -> Void = { [tiles] index in
            let tile = tiles[index]
            let started = imprag_nanoseconds()
            let out = unsafe y + tile.firstRow * outputCount + tile.column
            if let narrow = unsafe narrow {
                unsafe multiplyNarrow(tile, narrow + tile.firstRow * inputCount, out)
            } else {
                unsafe multiplyWide(tile, x + tile.firstRow * inputStride, inputStride, out)
            }
            let multiplications = UInt64(tile.rows) * UInt64(tile.outputs) * UInt64(inputCount)
            imprag_count_product(imprag_nanoseconds() &- started, multiplications)
        }
        // Waking a thread costs a few microseconds; below that much work the caller does it alone.
        if rows * inputCount * outputCount < 1 << 21 {
            for index in tiles.indices { work(index) }
        } else {
            pool.run(tiles.count, work)
        }
    }

    private func multiplyNarrow(_ tile: Tile, _ x: UnsafePointer<UInt16>, _ out: UnsafeMutablePointer<Float>) {
        let matrix = matrices[tile.matrix]
        defer { withExtendedLifetime(matrix) {} }
        let weights = unsafe matrix.base.assumingMemoryBound(to: UInt16.self) + tile.firstOutput * inputCount
        let status = unsafe imprag_onednn_multiply(
            tile.rows, tile.outputs, inputCount, x, weights, out, outputCount)
        precondition(status == 0, "oneDNN status \(status) for \(tile) of \(inputCount) inputs")
    }

    private func multiplyWide(
        _ tile: Tile, _ x: UnsafePointer<Float>, _ stride: Int, _ out: UnsafeMutablePointer<Float>
    ) {
        let matrix = matrices[tile.matrix]
        defer { withExtendedLifetime(matrix) {} }
        let first = tile.firstOutput * inputCount
        guard matrix.backend == .widenedOpenBLAS else {
            let weights = unsafe matrix.base.assumingMemoryBound(to: Float.self) + first
            unsafe multiplyFloat(tile, x, stride, weights, out)
            return
        }
        let count = tile.outputs * inputCount
        let weights = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { unsafe weights.deallocate() }
        unsafe imprag_kernels().pointee.widen(matrix.base.assumingMemoryBound(to: UInt16.self) + first, weights, count)
        unsafe multiplyFloat(tile, x, stride, weights, out)
    }

    private func multiplyFloat(
        _ tile: Tile, _ x: UnsafePointer<Float>, _ stride: Int, _ weights: UnsafePointer<Float>,
        _ out: UnsafeMutablePointer<Float>
    ) {
        let (rows, outputs, inputs) = (Int32(tile.rows), Int32(tile.outputs), Int32(inputCount))
        if tile.rows == 1 {
            unsafe cblas_sgemv(CblasRowMajor, CblasNoTrans, outputs, inputs, 1, weights, inputs, x, 1, 0, out, 1)
        } else {
            unsafe cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, rows, outputs, inputs, 1, x, Int32(stride), weights, inputs, 0,
                out, Int32(outputCount))
        }
    }
}

/// One library call: some rows of the input by some rows of one matrix.
private struct Tile: Sendable {
    let matrix: Int
    let firstRow: Int
    let rows: Int
    let firstOutput: Int
    let outputs: Int
    /// Of the output row.
    let column: Int
}
