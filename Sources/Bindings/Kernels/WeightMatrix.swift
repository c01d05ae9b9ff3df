import CKernels

/// The weights of one linear layer, `[rowCount × columnCount]`, one row an output: laid out in panels of 64 outputs,
/// as the products read them (`panels.h`). Immutable, shared by all threads.
@safe public final class WeightMatrix: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    public let number: ProductNumber

    /// Outputs of a panel.
    static let panelOutputs = 64

    let memory: PanelMemory
    /// int8: `[outputs in panels]`, the number that one step of a row's weights means.
    let scales: [Float]
    /// int8: `[outputs in panels]`, 128 times the sum of a row: inputs come as bytes around 128.
    let offsets: [Int32]

    /// - Parameters:
    ///   - bytes: `rowCount × columnCount` numbers of type `element`, little-endian, at any address.
    ///   - scales: `[rowCount]` for int8, else empty.
    ///   - number: what to multiply; int8 for int8 weights alone.
    public init(
        bytes: RawSpan, element: ElementType, scales: [Float] = [], rowCount: Int, columnCount: Int,
        number: ProductNumber, pool: WorkerPool
    ) {
        precondition(
            bytes.byteCount == rowCount * columnCount * element.size
                && (number == .int8) == (element == .int8) && scales.count == (number == .int8 ? rowCount : 0),
            "\(bytes.byteCount) bytes and \(scales.count) scales are not \(rowCount) × \(columnCount) numbers of \(element)"
        )
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.number = number
        let panels = Self.panelCount(rowCount)
        let groups = ProductNumber.padded(columnCount) / number.group
        let panelBytes = groups * Self.panelOutputs * 4
        let memory = PanelMemory(byteCount: panels * panelBytes)
        self.memory = memory
        let width = Self.panelOutputs
        var sums = [Int32](repeating: 0, count: number == .int8 ? panels * width : 0)
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                // Panels write to different places, and `run` waits for all of them.
                nonisolated(unsafe) let source = bytes.baseAddress
                nonisolated(unsafe) let sums = sums.baseAddress
                pool.run(panels) { panel in
                    guard let source = unsafe source else { return }
                    let rows = min(width, rowCount - panel * width)
                    let from = unsafe source + panel * width * columnCount * element.size
                    let to = unsafe memory.base + panel * panelBytes
                    if element == number.element {
                        unsafe imprag_pack(number.raw, from, columnCount, rows, columnCount, to, width, groups)
                    } else {
                        let block = PanelMemory(byteCount: rows * columnCount * number.size)
                        unsafe convert(
                            from, element, to: block.base, number == .f32 ? .f32 : .bf16, count: rows * columnCount)
                        unsafe imprag_pack(number.raw, block.base, columnCount, rows, columnCount, to, width, groups)
                    }
                    guard number == .int8, let sums = unsafe sums else { return }
                    let weights = unsafe from.assumingMemoryBound(to: Int8.self)
                    for row in 0..<rows {
                        var sum: Int32 = 0
                        for column in 0..<columnCount { sum += Int32(unsafe weights[row * columnCount + column]) }
                        unsafe sums[panel * width + row] = 128 * sum
                    }
                }
            }
        }
        offsets = sums
        self.scales = scales + [Float](repeating: 0, count: sums.isEmpty ? 0 : sums.count - rowCount)
    }

    /// From float32 numbers, `[rowCount × columnCount]`, rounded where `number` is bf16; not for int8.
    package convenience init(
        _ values: [Float], rowCount: Int, columnCount: Int, number: ProductNumber, pool: WorkerPool
    ) {
        unsafe self.init(
            bytes: values.span.bytes, element: .f32, rowCount: rowCount, columnCount: columnCount, number: number,
            pool: pool)
    }

    /// Bytes that it keeps in memory.
    public var byteCount: Int { memory.count + 4 * (scales.count + offsets.count) }

    /// What `byteCount` is for a matrix of this shape.
    public static func byteCount(rowCount: Int, columnCount: Int, number: ProductNumber) -> Int {
        let outputs = panelCount(rowCount) * panelOutputs
        return outputs * (ProductNumber.padded(columnCount) * number.size + (number == .int8 ? 8 : 0))
    }

    var panelBytes: Int { ProductNumber.padded(columnCount) * number.size * Self.panelOutputs }
    var panelCount: Int { Self.panelCount(rowCount) }

    static func panelCount(_ rows: Int) -> Int { (rows + panelOutputs - 1) / panelOutputs }
}
