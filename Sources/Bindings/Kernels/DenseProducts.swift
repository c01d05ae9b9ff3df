import CKernels
import COpenBLAS
public import Core

/// Keeps OpenBLAS to the calling thread: our pool splits the work. Evaluated before the first product.
private enum OpenBLAS {
    static let isSerial: Void = openblas_set_num_threads(1)
}

/// Rows of a product that OpenBLAS multiplies in one call. Its order of summation may depend on a row's place in the
/// call, so the split must not depend on the number of threads; and since every call packs `b` anew, pieces are large.
private let pieceRows = 512

/// `c = a · bᵀ` in float32 through OpenBLAS, split into pieces of rows of `a` for the pool's threads: the same bits
/// with any number of threads.
///
/// - Parameters:
///   - a: at least `m` rows of `k`.
///   - b: `[n × k]`.
///   - c: room for `m × n`; overwritten.
public func multiplyTransposed(
    _ a: [Float], _ b: [Float], into c: inout [Float], m: Int, n: Int, k: Int, pool: WorkerPool
) {
    precondition(
        a.count >= m * k && b.count >= n * k && c.count >= m * n, "[\(m) × \(k)] · [\(n) × \(k)]ᵀ does not fit")
    guard m > 0, n > 0, k > 0 else { return }
    _ = OpenBLAS.isSerial
    unsafe a.withUnsafeBufferPointer { left in
        unsafe b.withUnsafeBufferPointer { right in
            unsafe c.withUnsafeMutableBufferPointer { out in
                guard let left = left.baseAddress, let right = right.baseAddress, let out = out.baseAddress else {
                    return
                }
                // The pointers outlive the job, which `run` waits for; pieces write to different rows of c.
                nonisolated(unsafe) let (a, b, c) = unsafe (left, right, out)
                pool.run((m + pieceRows - 1) / pieceRows) { index in
                    let first = index * pieceRows
                    unsafe cblas_sgemm(
                        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(min(pieceRows, m - first)), Int32(n), Int32(k),
                        1,
                        a + first * k, Int32(k), b, Int32(k), 0, c + first * n, Int32(n))
                }
            }
        }
    }
}

/// Adds `xᵀ · x` to `sum`, a symmetric `[width × width]` matrix; only its upper triangle is updated.
public func addSecondMoments(of x: [Float], rows: Int, width: Int, to sum: inout [Float]) {
    precondition(x.count >= rows * width && sum.count == width * width)
    guard rows > 0, width > 0 else { return }
    // Else the first call of a process would be split by the machine's cores, and sum in another order than the next.
    _ = OpenBLAS.isSerial
    unsafe cblas_ssyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(width), Int32(rows), 1, x, Int32(width), 1, &sum, Int32(width))
}

/// The `wanted` largest eigenvalues of a symmetric matrix, descending, and their unit eigenvectors, one per row.
///
/// - Parameter matrix: `[width × width]`; only the upper triangle is read.
/// - Returns: nil when LAPACK finds none, as for numbers that are not finite.
public func largestEigenvectors(
    of matrix: [Float], width: Int, wanted: Int
) -> (values: [Float], vectors: [Float])? {
    precondition(matrix.count == width * width && wanted >= 1 && wanted <= width)
    _ = OpenBLAS.isSerial
    var input = matrix
    // LAPACK counts from 1, sorts ascending, and is column-major: our upper triangle is its lower one.
    var (n, first, last) = (Int32(width), Int32(width - wanted + 1), Int32(width))
    var (found, information): (Int32, Int32) = (0, 0)
    var (low, high, tolerance): (Float, Float, Float) = (0, 0, 0)
    var values = [Float](repeating: 0, count: width)
    var vectors = [Float](repeating: 0, count: width * wanted)
    var support = [Int32](repeating: 0, count: 2 * width)
    var work = [Float](repeating: 0, count: 1)
    var integerWork = [Int32](repeating: 0, count: 1)
    for (workCount, integerCount) in [(Int32(-1), Int32(-1)), (0, 0)] {
        var workCount = workCount
        var integerCount = integerCount
        if workCount == 0 {
            // The first call returned the workspace size that the second needs.
            work = [Float](repeating: 0, count: max(Int(work[0]), 26 * width))
            integerWork = [Int32](repeating: 0, count: max(Int(integerWork[0]), 10 * width))
            workCount = Int32(work.count)
            integerCount = Int32(integerWork.count)
        }
        unsafe ssyevr_(
            "V", "I", "L", &n, &input, &n, &low, &high, &first, &last, &tolerance, &found, &values, &vectors, &n,
            &support, &work, &workCount, &integerWork, &integerCount, &information)
        guard information == 0 else { return nil }
    }
    guard Int(found) == wanted else { return nil }
    var ordered: [Float] = []
    ordered.reserveCapacity(vectors.count)
    for index in (0..<wanted).reversed() { ordered += vectors[(index * width)..<((index + 1) * width)] }
    return (Array(values[0..<wanted].reversed()), ordered)
}

/// Inner product of a float32 vector and one of little-endian bf16 numbers, of `query.count` numbers each.
public func innerProduct(_ query: Span<Float>, _ vector: RawSpan) -> Float {
    precondition(vector.byteCount == 2 * query.count, "\(vector.byteCount) bytes are no \(query.count) bf16 numbers")
    var result: Float = 0
    unsafe query.withUnsafeBufferPointer { left in
        unsafe vector.withUnsafeBytes { right in
            guard let left = left.baseAddress, let right = right.baseAddress else { return }
            unsafe imprag_kernels().pointee.multiply_bf16(
                left, 1, right.assumingMemoryBound(to: UInt16.self), 1, query.count, &result, 1)
        }
    }
    return result
}

/// Widens `vector`, little-endian bf16 numbers, to `numbers[offset...]`.
public func widen(_ vector: RawSpan, into numbers: inout [Float], at offset: Int) {
    let count = vector.byteCount / 2
    precondition(offset >= 0 && offset + count <= numbers.count, "\(count) numbers do not fit at \(offset)")
    unsafe vector.withUnsafeBytes { source in
        unsafe numbers.withUnsafeMutableBufferPointer { out in
            guard let source = source.baseAddress, let out = out.baseAddress else { return }
            unsafe imprag_kernels().pointee.widen(source.assumingMemoryBound(to: UInt16.self), out + offset, count)
        }
    }
}

/// For each of `count` rows of four numbers, the nearest of 256 centroids: the one with the largest
/// row · centroid − |centroid|² / 2, the lowest on a tie. The same codes on every processor.
///
/// - Parameters:
///   - rows: row i is `rows[first + i · stride]` and the three numbers after it.
///   - centroids: `[256 × 4]`.
public func nearestCentroids(
    to rows: [Float], from first: Int, stride: Int, count: Int, centroids: [Float]
) -> [UInt8] {
    precondition(centroids.count == 1024, "\(centroids.count) numbers are no 256 centroids of four")
    var columns = [Float](repeating: 0, count: 1024)
    var halves = [Float](repeating: 0, count: 256)
    for index in 0..<256 {
        for place in 0..<4 {
            let number = centroids[4 * index + place]
            columns[256 * place + index] = number
            halves[index] += number * number / 2
        }
    }
    return Loops.chosen.nearest(
        rows, from: first, stride: stride, count: count, centroids: columns, halves: halves)
}

/// The i of the largest `values[first + i] − subtracted[i]`; the lowest on a tie.
public func indexOfLargestDifference(_ values: [Float], from first: Int, minus subtracted: [Float]) -> Int {
    precondition(first >= 0 && first + subtracted.count <= values.count)
    return unsafe values.withUnsafeBufferPointer { values in
        unsafe subtracted.withUnsafeBufferPointer { subtracted in
            guard let base = values.baseAddress, let minus = subtracted.baseAddress else { return 0 }
            return unsafe imprag_largest_difference(base + first, minus, subtracted.count)
        }
    }
}

/// Inner product of a float32 and a bf16 vector of equal lengths.
public func innerProduct(_ left: Span<Float>, _ right: Span<BFloat16>) -> Float {
    precondition(left.count == right.count, "\(left.count) numbers and \(right.count)")
    var result: Float = 0
    unsafe left.withUnsafeBufferPointer { left in
        unsafe right.withUnsafeBufferPointer { right in
            guard let first = left.baseAddress, let second = right.baseAddress else { return }
            unsafe imprag_kernels().pointee.multiply_bf16(
                first, 1, UnsafeRawPointer(second).assumingMemoryBound(to: UInt16.self), 1, left.count, &result, 1)
        }
    }
    return result
}

/// Appends little-endian bf16 numbers.
public func appendNumbers(of vector: RawSpan, to numbers: inout [BFloat16]) {
    let start = numbers.count
    numbers.append(contentsOf: repeatElement(BFloat16(bits: 0), count: vector.byteCount / 2))
    unsafe vector.withUnsafeBytes { source in
        unsafe numbers.withUnsafeMutableBytes { all in
            guard let from = source.baseAddress, let to = all.baseAddress else { return }
            unsafe (to + 2 * start).copyMemory(from: from, byteCount: source.count / 2 * 2)
        }
    }
    #if _endian(big)
        for place in start..<numbers.count {
            numbers[place] = BFloat16(bits: UInt16(littleEndian: numbers[place].bits))
        }
    #endif
}
