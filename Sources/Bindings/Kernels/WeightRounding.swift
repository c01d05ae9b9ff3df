import CKernels

/// Rounds weights to 4 bits, such that what the layer's inputs make of them changes least (`rounding.h`).
public struct WeightRounding: Sendable {
    private let columnCount: Int
    /// `[columns]`: how much an error counts.
    private let importance: [Float]
    /// Columns as they are rounded: those first whose errors count most, while the others can make up for them.
    private let order: [UInt32]
    /// `[columns × stride]`, in that order; empty to round each number to the nearest.
    private let factor: [Float]
    private let stride: Int

    /// Of the mean of a diagonal of moments, added to it: few inputs leave directions without any.
    private static let damping: Float = 0.01

    /// Without knowing inputs: every column counts alike.
    public init(columnCount: Int) {
        self.columnCount = columnCount
        importance = [Float](repeating: 1, count: columnCount)
        order = (0..<columnCount).map(UInt32.init)
        factor = []
        stride = 0
    }

    /// - Parameter inputs: `[rows × columnCount]`, inputs of the layer. Without any that is finite and not zero, every
    ///   column counts alike.
    public init(inputs: [Float], columnCount: Int, pool: WorkerPool) {
        let squares = Self.squares(of: inputs, columnCount)
        let mean = squares.reduce(0, +) / Float(columnCount)
        let order = (0..<columnCount).sorted { (squares[$1], $0) < (squares[$0], $1) }
        var moments = mean > 0 && mean.isFinite ? Self.moments(of: inputs, order, pool) : []
        stride = moments.count / max(1, columnCount)
        let isKnown = unsafe moments.withUnsafeMutableBufferPointer {
            [stride] in
            unsafe !$0.isEmpty && imprag_rounding_factor($0.baseAddress, stride, columnCount, Self.damping)
        }
        self.columnCount = columnCount
        self.order = order.map(UInt32.init)
        importance = isKnown ? squares.map { $0 / mean + Self.damping } : [Float](repeating: 1, count: columnCount)
        factor = isKnown ? moments : []
    }

    /// Sums of x[i]².
    private static func squares(of inputs: [Float], _ columnCount: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: columnCount)
        for first in Swift.stride(from: 0, to: inputs.count, by: columnCount) {
            for column in 0..<columnCount { sums[column] += inputs[first + column] * inputs[first + column] }
        }
        return sums
    }

    /// Sums of x[i] · x[j], `[columns × stride]`, columns in this order.
    private static func moments(of inputs: [Float], _ order: [Int], _ pool: WorkerPool) -> [Float] {
        let columnCount = order.count
        let rows = inputs.count / columnCount
        var turned = [Float](repeating: 0, count: inputs.count)
        for row in 0..<rows {
            for (place, column) in order.enumerated() {
                turned[place * rows + row] = inputs[row * columnCount + column]
            }
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
        var numbers = [UInt8](repeating: 0, count: rows * groupCount * 16)
        var groups = [UInt8](repeating: 0, count: rows * groupCount * 2)
        var scales = [Float](repeating: 0, count: rows * blocks)
        var minimums = scales
        unsafe weights.withUnsafeBufferPointer { weights in
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
                                var ordered = [Float](repeating: 0, count: count * columnCount)
                                for row in 0..<count {
                                    let x = unsafe rest.0 + row * columnCount
                                    unsafe imprag_fit_row(
                                        x, importance, columnCount, rest.2 + row * groupCount * 2,
                                        rest.3 + row * blocks, rest.4 + row * blocks)
                                    for (place, column) in order.enumerated() {
                                        ordered[row * columnCount + place] = unsafe x[Int(column)]
                                    }
                                }
                                unsafe imprag_round_rows(
                                    &ordered, count, columnCount, order, factor.isEmpty ? nil : factor, stride, rest.2,
                                    rest.3, rest.4, rest.1)
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
            let line = unsafe UnsafeRawBufferPointer(
                start: memory.base + row * rowBytes, count: width * number.rows.size)
            numbers += widened(unsafe line.bytes, number.rows.element)
        }
    }
}
