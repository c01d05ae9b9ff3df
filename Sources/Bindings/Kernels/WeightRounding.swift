import CKernels

/// Rounds weights to 4 bits, such that what the layer's inputs make of them changes least (`rounding.h`).
public struct WeightRounding: Sendable {
    private let columnCount: Int
    /// `[columns]`: how much an error counts.
    private let importance: [Float]
    /// `[columns × stride]`; empty to round each number to the nearest.
    private let factor: [Float]
    private let stride: Int

    /// Of the mean of a diagonal of moments, added to it: few inputs leave directions without any.
    private static let damping: Float = 0.01

    /// Without knowing inputs: every column counts alike.
    public init(columnCount: Int) {
        self.columnCount = columnCount
        importance = [Float](repeating: 1, count: columnCount)
        factor = []
        stride = 0
    }

    /// - Parameter inputs: `[rows × columnCount]`, inputs of the layer. Without any that is finite and not zero, every
    ///   column counts alike.
    public init(inputs: [Float], columnCount: Int, pool: WorkerPool) {
        let rows = inputs.count / columnCount
        var moments = Self.moments(of: inputs, rows: rows, columnCount, pool)
        stride = moments.count / max(1, columnCount)
        let diagonal = (0..<columnCount).map { [stride] in moments[$0 * stride + $0] }
        let mean = diagonal.reduce(0, +) / Float(columnCount)
        let isKnown = unsafe moments.withUnsafeMutableBufferPointer {
            [stride] in unsafe mean > 0 && imprag_rounding_factor($0.baseAddress, stride, columnCount, Self.damping)
        }
        self.columnCount = columnCount
        importance = isKnown ? diagonal.map { $0 / mean + Self.damping } : [Float](repeating: 1, count: columnCount)
        factor = isKnown ? moments : []
    }

    /// Sums of x[i] · x[j], `[columns × stride]`.
    private static func moments(of inputs: [Float], rows: Int, _ columnCount: Int, _ pool: WorkerPool) -> [Float] {
        guard rows > 0 else { return [Float](repeating: 0, count: columnCount * columnCount) }
        var turned = [Float](repeating: 0, count: inputs.count)
        for row in 0..<rows {
            for column in 0..<columnCount { turned[column * rows + row] = inputs[row * columnCount + column] }
        }
        let matrix = WeightMatrix(turned, rowCount: columnCount, columnCount: rows, number: .f32, pool: pool)
        let projection = Projection([matrix])
        let input = ProductInput()
        input.take(turned, stride: rows, rows: columnCount, width: rows, as: .f32, pool: pool)
        var moments = [Float](repeating: 0, count: columnCount * projection.stride)
        projection(input, into: &moments, pool: pool)
        return moments
    }

    /// Rounds `[rows × columns]` weights. The same on any number of threads.
    public func callAsFunction(_ weights: [Float], pool: WorkerPool) -> PackedRows {
        let rows = weights.count / columnCount
        precondition(weights.count == rows * columnCount, "\(weights.count) weights are not rows of \(columnCount)")
        let groupCount = WeightGrouping.groupCount(columns: columnCount)
        let blocks = PackedRows.grouping.scaleCount(columns: columnCount)
        var (weights, numbers) = (weights, [UInt8](repeating: 0, count: rows * groupCount * 16))
        var groups = [UInt8](repeating: 0, count: rows * groupCount * 2)
        var scales = [Float](repeating: 0, count: rows * blocks)
        var minimums = scales
        unsafe weights.withUnsafeMutableBufferPointer { weights in
            unsafe numbers.withUnsafeMutableBufferPointer { numbers in
                unsafe groups.withUnsafeMutableBufferPointer { groups in
                    unsafe scales.withUnsafeMutableBufferPointer { scales in
                        unsafe minimums.withUnsafeMutableBufferPointer { minimums in
                            guard let weights = weights.baseAddress, let numbers = numbers.baseAddress,
                                let groups = groups.baseAddress, let scales = scales.baseAddress,
                                let minimums = minimums.baseAddress
                            else { return }
                            // Pieces are of different rows, and `run` waits for all of them.
                            nonisolated(unsafe) let to = unsafe (weights, numbers, groups, scales, minimums)
                            pool.run((rows + Self.pieceRows - 1) / Self.pieceRows) { piece in
                                let first = piece * Self.pieceRows
                                let count = min(Self.pieceRows, rows - first)
                                let rest = unsafe (
                                    to.0 + first * columnCount, to.1 + first * groupCount * 16,
                                    to.2 + first * groupCount * 2, to.3 + first * blocks, to.4 + first * blocks
                                )
                                for row in 0..<count {
                                    unsafe imprag_fit_row(
                                        rest.0 + row * columnCount, importance, columnCount,
                                        rest.2 + row * groupCount * 2, rest.3 + row * blocks, rest.4 + row * blocks)
                                }
                                unsafe imprag_round_rows(
                                    rest.0, count, columnCount, factor.isEmpty ? nil : factor, stride, rest.2, rest.3,
                                    rest.4, rest.1)
                            }
                        }
                    }
                }
            }
        }
        return PackedRows(numbers: numbers, groups: groups, scales: scales, minimums: minimums)
    }

    private static let pieceRows = 16
}

extension ProductInput {
    /// Appends the rows as float32; not for numbers that are rounded to 8 bits.
    public func append(to numbers: inout [Float]) {
        for row in 0..<rows {
            let line = unsafe UnsafeRawBufferPointer(start: memory.base + row * rowBytes, count: width * number.rows.size)
            numbers += widened(unsafe line.bytes, number.rows.element)
        }
    }
}
