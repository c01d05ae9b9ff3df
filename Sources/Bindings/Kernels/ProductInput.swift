import CKernels

/// The rows of a product, converted to the type it multiplies (`ProductNumber.rows`). One owner at a time; grows, and
/// keeps its memory.
// Sendable because it belongs to a workspace, and a workspace to one thread at a time.
@safe public final class ProductInput: @unchecked Sendable {
    /// Rows last written.
    public private(set) var rows = 0
    /// Numbers of a row.
    public private(set) var width = 0
    /// The type of the panels that the rows are for.
    public private(set) var number = ProductNumber.f32

    private(set) var memory = PanelMemory(byteCount: 0)

    public init() {}

    /// Numbers from one row to the next; of rows of bytes, which bring their scales along, those before the scales.
    var stride: Int { ProductNumber.padded(width) }
    var rowBytes: Int { number.rowBytes(width) }

    /// Converts `rows` rows of `width` numbers of `x`, `stride` apart.
    public func take(
        _ x: [Float], stride: Int, rows: Int, width: Int, as number: ProductNumber, pool: WorkerPool
    ) {
        precondition(rows == 0 || x.count >= (rows - 1) * stride + width, "\(rows) rows of \(width) do not fit")
        unsafe x.withUnsafeBufferPointer { x in
            nonisolated(unsafe) let x = x.baseAddress
            unsafe fill(rows, width, number, pool) { row, number, out in
                guard let x = unsafe x else { return }
                unsafe imprag_convert(number, x + row * stride, width, ProductNumber.padded(width), out)
            }
        }
    }

    /// Adds `increment`, if any, to `x`, and converts x normalized to unit mean square times `weight` (RMSNorm).
    ///
    /// - Parameters:
    ///   - increment: empty, or rows `incrementStride` apart.
    ///   - x: `[rows × weight.count]`.
    public func normalize(
        _ x: inout [Float], adding increment: [Float], incrementStride: Int, rows: Int, weight: [Float], epsilon: Float,
        as number: ProductNumber, pool: WorkerPool
    ) {
        let width = weight.count
        precondition(
            x.count >= rows * width && (increment.isEmpty || increment.count >= (rows - 1) * incrementStride + width),
            "\(rows) rows of \(width) do not fit")
        unsafe x.withUnsafeMutableBufferPointer { x in
            unsafe increment.withUnsafeBufferPointer { increment in
                unsafe weight.withUnsafeBufferPointer { weight in
                    nonisolated(unsafe) let x = x.baseAddress
                    nonisolated(unsafe) let increment = increment.isEmpty ? nil : increment.baseAddress
                    nonisolated(unsafe) let weight = weight.baseAddress
                    unsafe fill(rows, width, number, pool) { row, number, out in
                        guard let x = unsafe x else { return }
                        unsafe imprag_add_and_normalize(
                            number, increment.map { unsafe $0 + row * incrementStride }, x + row * width, weight,
                            epsilon, width, ProductNumber.padded(width), out)
                    }
                }
            }
        }
    }

    /// Converts silu(gate) · up (SwiGLU) of rows that hold both; gates are overwritten.
    ///
    /// - Parameter x: rows `stride` apart, gates at column 0, the others at `upColumn`.
    public func gate(
        _ x: inout [Float], stride: Int, upColumn: Int, rows: Int, width: Int, as number: ProductNumber,
        pool: WorkerPool
    ) {
        precondition(
            upColumn >= width && upColumn + width <= stride && x.count >= rows * stride,
            "\(rows) rows of 2 × \(width) numbers do not fit \(x.count)")
        unsafe x.withUnsafeMutableBufferPointer { x in
            nonisolated(unsafe) let x = x.baseAddress
            unsafe fill(rows, width, number, pool) { row, number, out in
                guard let x = unsafe x else { return }
                let gate = unsafe x + row * stride
                unsafe imprag_gate(
                    number, gate, gate + upColumn, width, ProductNumber.padded(width), out)
            }
        }
    }

    /// Makes room and calls `write` for every row, with the number type and the destination.
    private func fill(
        _ rows: Int, _ width: Int, _ number: ProductNumber, _ pool: WorkerPool,
        _ write: @Sendable (Int, imprag_number, UnsafeMutableRawPointer) -> Void
    ) {
        self.rows = rows
        self.width = width
        self.number = number
        let stored = number.rows
        let rowBytes = rowBytes
        if memory.count < rows * rowBytes { memory = PanelMemory(byteCount: rows * rowBytes) }
        let memory = memory
        pool.runRows(rows, width: width) { row in
            unsafe write(row, stored.raw, memory.base + row * rowBytes)
        }
    }
}

extension WorkerPool {
    /// Calls `work` for every row, in chunks spread over the threads, or on the calling thread alone when there are few
    /// numbers.
    func runRows(_ rows: Int, width: Int, _ work: @Sendable (Int) -> Void) {
        // A microsecond of norms, five of SwiGLU; a job costs one while the threads are awake.
        let piece = max(1, (1 << 12) / max(1, width))
        guard rows > 2 * piece else {
            for row in 0..<rows { work(row) }
            return
        }
        run((rows + piece - 1) / piece) { index in
            for row in index * piece..<min(rows, (index + 1) * piece) { work(row) }
        }
    }
}
