import CKernels

/// RMSNorm of each head of each row: x · weight / √(mean of x² + epsilon), in place.
///
/// - Parameters:
///   - x: rows `stride` apart, whose heads begin at `column`.
///   - weight: `[head size]`, the same for all heads.
public func normalizeHeads(
    _ x: inout [Float], stride: Int, column: Int, heads: Int, rows: Int, weight: [Float], epsilon: Float,
    pool: WorkerPool
) {
    let size = weight.count
    precondition(
        column + heads * size <= stride && x.count >= rows * stride,
        "\(rows) rows of \(heads) heads of \(size) do not fit \(stride) numbers from \(column) on")
    unsafe x.withUnsafeMutableBufferPointer { x in
        unsafe weight.withUnsafeBufferPointer { weight in
            // Each row is written by only one thread, and `runRows` waits for all of them.
            nonisolated(unsafe) let x = x.baseAddress
            nonisolated(unsafe) let weight = weight.baseAddress
            pool.runRows(rows, width: heads * size) { row in
                guard let x = unsafe x, let weight = unsafe weight else { return }
                let kernels = unsafe imprag_kernels()
                for head in 0..<heads {
                    let numbers = unsafe x + row * stride + column + head * size
                    unsafe kernels?.pointee.rms_norm(numbers, weight, epsilon, numbers, size)
                }
            }
        }
    }
}

/// Adds `numbers[columns]` to the same columns of every row.
///
/// - Parameters:
///   - numbers: `[stride]`.
///   - x: rows `stride` apart.
public func add(_ numbers: [Float], at columns: Range<Int>, toRowsOf x: inout [Float], stride: Int, rows: Int) {
    precondition(
        columns.upperBound <= min(stride, numbers.count) && x.count >= rows * stride,
        "columns \(columns) of \(rows) rows do not fit \(stride) numbers")
    unsafe numbers.withUnsafeBufferPointer { numbers in
        unsafe x.withUnsafeMutableBufferPointer { x in
            guard let from = numbers.baseAddress, let x = x.baseAddress else { return }
            for row in 0..<rows {
                unsafe imprag_add(
                    from + columns.lowerBound, x + row * stride + columns.lowerBound, columns.count)
            }
        }
    }
}
