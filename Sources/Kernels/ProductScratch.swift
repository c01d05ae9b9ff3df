import CKernels

/// Room for the inputs of matrix products in another type. One owner at a time; grows and keeps what it has.
// Sendable because it belongs to a workspace, and a workspace to one thread at a time.
@safe public final class ProductScratch: @unchecked Sendable {
    private var narrow: [UInt16] = []
    private var wide: [Float] = []

    public init() {}

    /// `rows` rows of `x` rounded to bf16, then zeros up to `padded` rows. Valid until the next call.
    func narrow(
        _ x: UnsafePointer<Float>, stride: Int, rows: Int, padded: Int, columns: Int
    ) -> UnsafePointer<UInt16>? {
        grow(&narrow, to: padded * columns)
        let kernels = unsafe imprag_kernels()
        return unsafe narrow.withUnsafeMutableBufferPointer { buffer in
            guard let out = buffer.baseAddress else { return nil }
            for row in 0..<rows { unsafe kernels?.pointee.narrow(x + row * stride, out + row * columns, columns) }
            unsafe (out + rows * columns).update(repeating: 0, count: (padded - rows) * columns)
            // The array is ours and does not grow before the caller is done.
            return unsafe UnsafePointer(out)
        }
    }

    /// `rows` rows of `x` rounded to bf16 and widened again. Valid until the next call.
    func rounded(_ x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int) -> UnsafePointer<Float> {
        _ = unsafe narrow(x, stride: stride, rows: rows, padded: rows, columns: columns)
        grow(&wide, to: rows * columns)
        return unsafe wide.withUnsafeMutableBufferPointer { buffer in
            unsafe narrow.withUnsafeBufferPointer { narrow in
                guard let out = buffer.baseAddress, let from = narrow.baseAddress else { return unsafe x }
                unsafe imprag_kernels().pointee.widen(from, out, rows * columns)
                return unsafe UnsafePointer(out)
            }
        }
    }

    private func grow<Number: ExpressibleByIntegerLiteral>(_ numbers: inout [Number], to count: Int) {
        if numbers.count < count { numbers = [Number](repeating: 0, count: count) }
    }
}
