import CKernels

/// The weights of one linear layer, `[rowCount × columnCount]`, one row per output, packed into panels of 64 outputs as
/// the products read them: `panels.h`, or four strips each (`grouped.h`). Immutable, shared by all threads.
@safe public final class WeightMatrix: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    public let number: ProductNumber

    /// Outputs per panel.
    static let panelOutputs = 64

    let memory: PanelMemory
    /// int8: the scale of each output's weights, `[outputs in panels]`.
    let scales: [Float]
    /// Nil unless `number` is grouped.
    let grouping: WeightGrouping?
    /// int8: `[panels × blocks × 64]`, each output's sum of every 256 weights (`bytes.h`).
    let sums: [Int16]

    /// - Parameters:
    ///   - bytes: `rowCount × columnCount` numbers of type `element`, little-endian, at any address.
    ///   - scales: `[rowCount]` for int8, else empty.
    ///   - number: the type to multiply in; int8 only for int8 weights.
    public init(
        bytes: RawSpan, element: ElementType, scales: [Float] = [], rowCount: Int, columnCount: Int,
        number: ProductNumber, pool: WorkerPool
    ) {
        precondition(
            bytes.byteCount == rowCount * columnCount * element.size
                && number != .grouped && (number == .int8) == (element == .int8)
                && scales.count == (number == .int8 ? rowCount : 0),
            "\(bytes.byteCount) bytes and \(scales.count) scales are not \(rowCount) × \(columnCount) numbers of \(element)"
        )
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.number = number
        grouping = nil
        let memory = PanelMemory(
            byteCount: Self.panelCount(rowCount) * Self.panelBytes(columnCount: columnCount, number))
        self.memory = memory
        let outputs = number == .int8 ? Self.panelCount(rowCount) * Self.panelOutputs : 0
        let blocks = imprag_bytes_blocks(ProductNumber.padded(columnCount))
        var sums = [Int16](repeating: 0, count: outputs * blocks)
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                guard let source = bytes.baseAddress else { return }
                // Each panel is written by only one thread, and `run` waits for all of them.
                nonisolated(unsafe) let from = unsafe Source(
                    base: source, element: element, rowCount: rowCount, columnCount: columnCount, number: number)
                nonisolated(unsafe) let sums = sums.baseAddress
                pool.run(Self.panelCount(rowCount)) { panel in
                    unsafe from.fill(panel, of: memory)
                    if number == .int8, let sums = unsafe sums { unsafe from.sum(panel, into: sums) }
                }
            }
        }
        self.sums = sums
        self.scales = scales + [Float](repeating: 0, count: max(0, outputs - rowCount))
    }

    /// Grouped, from strips that are packed already.
    init(_ memory: PanelMemory, _ grouping: WeightGrouping, rowCount: Int, columnCount: Int) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        number = .grouped
        self.memory = memory
        self.grouping = grouping
        scales = []
        sums = []
    }

    /// Rows of weights as stored.
    @safe private struct Source {
        let base: UnsafeRawPointer
        let element: ElementType
        let rowCount: Int
        let columnCount: Int
        let number: ProductNumber

        private func rows(of panel: Int) -> Int { min(panelOutputs, rowCount - panel * panelOutputs) }

        private func weights(of panel: Int) -> UnsafeRawPointer {
            unsafe base + panel * panelOutputs * columnCount * element.size
        }

        /// Packs one panel's rows.
        func fill(_ panel: Int, of memory: PanelMemory) {
            let rows = rows(of: panel)
            let groups = ProductNumber.padded(columnCount) / number.group
            let to = unsafe memory.base + panel * WeightMatrix.panelBytes(columnCount: columnCount, number)
            guard element != number.element else {
                return unsafe imprag_pack(
                    number.raw, weights(of: panel), columnCount, rows, columnCount, to, panelOutputs, groups)
            }
            let block = PanelMemory(byteCount: rows * columnCount * number.size)
            unsafe convert(
                weights(of: panel), element, to: block.base, number == .f32 ? .f32 : .bf16, count: rows * columnCount)
            unsafe imprag_pack(number.raw, block.base, columnCount, rows, columnCount, to, panelOutputs, groups)
        }

        /// int8: what each block of each of one panel's rows adds up to.
        func sum(_ panel: Int, into sums: UnsafeMutablePointer<Int16>) {
            let weights = unsafe weights(of: panel).assumingMemoryBound(to: Int8.self)
            let block = ProductNumber.scaledInputs
            let blocks = imprag_bytes_blocks(ProductNumber.padded(columnCount))
            for row in 0..<rows(of: panel) {
                for first in stride(from: 0, to: columnCount, by: block) {
                    var sum: Int16 = 0
                    for column in first..<min(first + block, columnCount) {
                        sum += Int16(unsafe weights[row * columnCount + column])
                    }
                    unsafe sums[(panel * blocks + first / block) * panelOutputs + row] = sum
                }
            }
        }
    }

    /// From float32 numbers, `[rowCount × columnCount]`, rounded if `number` is bf16; not for int8 and grouped.
    package convenience init(
        _ values: [Float], rowCount: Int, columnCount: Int, number: ProductNumber, pool: WorkerPool
    ) {
        unsafe self.init(
            bytes: values.span.bytes, element: .f32, rowCount: rowCount, columnCount: columnCount, number: number,
            pool: pool)
    }

    /// Bytes that it keeps in memory.
    public var byteCount: Int { memory.count + 4 * scales.count + 2 * sums.count }

    /// The `byteCount` of a matrix of this shape.
    public static func byteCount(rowCount: Int, columnCount: Int, number: ProductNumber) -> Int {
        let outputs = panelCount(rowCount) * panelOutputs
        let padded = ProductNumber.padded(columnCount)
        let scaleBytes = number == .int8 ? 4 + 2 * imprag_bytes_blocks(padded) : 0
        return outputs * (padded * number.size + scaleBytes)
    }

    var panelBytes: Int {
        grouping?.panelBytes(columnCount: columnCount) ?? Self.panelBytes(columnCount: columnCount, number)
    }
    var panelCount: Int { Self.panelCount(rowCount) }

    private static func panelBytes(columnCount: Int, _ number: ProductNumber) -> Int {
        ProductNumber.padded(columnCount) * number.size * panelOutputs
    }

    static func panelCount(_ rows: Int) -> Int { (rows + panelOutputs - 1) / panelOutputs }
}
