import CKernels
public import Core

/// Inner products of float32 rows with bf16 rows: `c = a · bᵀ`, exact products, float32 sums.
///
/// A score has the same bits whatever other rows are in the call, so searching alone or in a batch gives the same
/// ranking. Allocates nothing.
///
/// - Parameters:
///   - a: `[m × k]`, row-major.
///   - b: `[n × k]`, row-major.
///   - c: `[m × n]`, overwritten.
///   - pool: threads that share the rows of `b`; nil keeps to the calling thread.
/// - Complexity: O(m · n · k); reads `b` once for every 4 rows of `a`, from cache after the first.
public func multiplyTransposed(
    _ a: Span<Float>, _ b: Span<BFloat16>, into c: inout MutableSpan<Float>, m: Int, n: Int, k: Int,
    pool: WorkerPool? = nil
) {
    precondition(
        a.count == m * k && b.count == n * k && c.count == m * n,
        "\(a.count) and \(b.count) numbers into \(c.count) are not [\(m) × \(k)] · [\(n) × \(k)]ᵀ")
    unsafe a.withUnsafeBufferPointer { left in
        unsafe b.withUnsafeBufferPointer { right in
            unsafe c.withUnsafeMutableBufferPointer { out in
                guard let left = left.baseAddress, let out = out.baseAddress, let right = right.baseAddress else {
                    return
                }
                let numbers = unsafe UnsafeRawPointer(right).assumingMemoryBound(to: UInt16.self)
                guard let pool else {
                    unsafe imprag_kernels().pointee.multiply_bf16(left, m, numbers, n, k, out, n)
                    return
                }
                // The pointers outlive the job, which `run` waits for; pieces write to different columns of c.
                nonisolated(unsafe) let (a, b, c) = unsafe (left, numbers, out)
                let parts = min(pool.threadCount, n)
                pool.run(parts) { part in
                    let (first, end) = (n * part / parts, n * (part + 1) / parts)
                    unsafe imprag_kernels().pointee.multiply_bf16(a, m, b + first * k, end - first, k, c + first, n)
                }
            }
        }
    }
}
