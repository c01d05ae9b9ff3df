import CKernels

/// Normalises every row to unit mean square and multiplies by `weight` (RMSNorm): `[rows × weight.count]` from `x` to `out`.
public func normalize(
    _ x: [Float], rows: Int, weight: [Float], epsilon: Float, into out: inout [Float]
) {
    let width = weight.count
    precondition(x.count >= rows * width && out.count >= rows * width, "\(rows) rows of \(width) do not fit")
    unsafe x.withUnsafeBufferPointer { x in
        unsafe weight.withUnsafeBufferPointer { weight in
            unsafe out.withUnsafeMutableBufferPointer { out in
                guard let x = x.baseAddress, let weight = weight.baseAddress, let out = out.baseAddress else { return }
                for row in 0..<rows {
                    unsafe imprag_kernels().pointee.rms_norm(x + row * width, weight, epsilon, out + row * width, width)
                }
            }
        }
    }
}

/// Replaces the first half of each row of `2 · width` numbers by silu(first half) · second half (SwiGLU).
public func applySwiGLU(_ rows: inout [Float], rows count: Int, width: Int) {
    precondition(rows.count >= count * 2 * width, "\(count) rows of 2 × \(width) do not fit \(rows.count) numbers")
    unsafe rows.withUnsafeMutableBufferPointer { rows in
        guard let base = rows.baseAddress else { return }
        for row in 0..<count {
            let gate = unsafe base + row * 2 * width
            unsafe imprag_kernels().pointee.swiglu(gate, gate + width, width)
        }
    }
}

/// Adds the first `count` numbers of `increment` to `x`.
public func add(_ increment: [Float], to x: inout [Float], count: Int) {
    precondition(increment.count >= count && x.count >= count, "\(count) numbers do not fit")
    unsafe increment.withUnsafeBufferPointer { increment in
        unsafe x.withUnsafeMutableBufferPointer { x in
            guard let increment = increment.baseAddress, let x = x.baseAddress else { return }
            unsafe imprag_add(increment, x, count)
        }
    }
}

/// Rotates the first `heads` heads of every row by its token's position (RoPE over halves).
///
/// - Parameters:
///   - rows: `[count × stride]`; head h of a row stands at columns h · headSize.
///   - cosines, sines: `[tokens × headSize / 2]`; the first row is token `firstToken`.
public func rotate(
    _ rows: inout [Float], rows count: Int, stride: Int, heads: Int, headSize: Int, cosines: [Float],
    sines: [Float], firstToken: Int = 0
) {
    let half = headSize / 2
    precondition(
        rows.count >= count * stride && stride >= heads * headSize && cosines.count >= (firstToken + count) * half
            && sines.count >= (firstToken + count) * half, "\(count) rows of \(heads) heads do not fit")
    unsafe rows.withUnsafeMutableBufferPointer { rows in
        unsafe cosines.withUnsafeBufferPointer { cosines in
            unsafe sines.withUnsafeBufferPointer { sines in
                guard let rows = rows.baseAddress, let cosines = cosines.baseAddress, let sines = sines.baseAddress
                else { return }
                for row in 0..<count {
                    unsafe imprag_rotate(
                        rows + row * stride, heads, headSize, cosines + (firstToken + row) * half,
                        sines + (firstToken + row) * half)
                }
            }
        }
    }
}

/// Appends `width` numbers from column `column` of each row, rows `stride` apart, to `numbers`.
public func appendColumns(
    of rows: [Float], rows count: Int, stride: Int, column: Int, width: Int, to numbers: inout [Float]
) {
    precondition(
        column >= 0 && column + width <= stride && rows.count >= count * stride,
        "\(count) rows of \(stride) numbers do not fit \(rows.count)")
    unsafe rows.withUnsafeBufferPointer { rows in
        for row in 0..<count {
            let first = row * stride + column
            // A slice of an array would cost more than the copy.
            unsafe numbers.append(contentsOf: UnsafeBufferPointer(rebasing: rows[first..<first + width]))
        }
    }
}
