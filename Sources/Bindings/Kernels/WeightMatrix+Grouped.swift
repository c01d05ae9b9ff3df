import CKernels

extension WeightMatrix {
    /// 4-bit weights: scale · multiplier · number − minimum · offset.
    ///
    /// - Parameters:
    ///   - numbers: `[rowCount × groups × 16]` bytes; the low half of each is the first of two columns.
    ///   - groups: `[rowCount × groups × 2]` bytes: a multiplier and an offset each.
    ///   - scales, minimums: `[rowCount × scaleCount]` float32.
    ///   - grouping: of 4 bits. All bytes are little-endian, at any address.
    public convenience init(
        numbers: RawSpan, groups: RawSpan, scales: RawSpan, minimums: RawSpan, _ grouping: WeightGrouping,
        rowCount: Int, columnCount: Int, pool: WorkerPool
    ) {
        let count = WeightGrouping.groupCount(columns: columnCount)
        let scaleBytes = 4 * grouping.scaleCount(columns: columnCount)
        precondition(
            grouping.bits == .four && numbers.byteCount == rowCount * count * 16
                && groups.byteCount == rowCount * count * 2 && scales.byteCount == rowCount * scaleBytes
                && minimums.byteCount == scales.byteCount,
            "\(numbers.byteCount), \(groups.byteCount), \(scales.byteCount) and \(minimums.byteCount) bytes are not \(rowCount) × \(columnCount) 4-bit numbers"
        )
        let memory = Self.stripMemory(grouping, rowCount: rowCount, columnCount: columnCount)
        unsafe numbers.withUnsafeBytes { numbers in
            unsafe groups.withUnsafeBytes { groups in
                unsafe scales.withUnsafeBytes { scales in
                    unsafe minimums.withUnsafeBytes { minimums in
                        guard let numbers = numbers.baseAddress, let groups = groups.baseAddress,
                            let scales = scales.baseAddress, let minimums = minimums.baseAddress
                        else { return }
                        // Each strip is written by only one thread, and `forEachStrip` waits for all of them.
                        nonisolated(unsafe) let from = unsafe (numbers, groups, scales, minimums)
                        unsafe Self.forEachStrip(memory, grouping, rowCount, columnCount, pool) { first, rows, strip in
                            unsafe imprag_pack_strip4(
                                from.0 + first * count * 16, from.1 + first * count * 2, from.2 + first * scaleBytes,
                                from.3 + first * scaleBytes, rows, columnCount, grouping.groupsPerScale, strip)
                        }
                    }
                }
            }
        }
        self.init(memory, grouping, rowCount: rowCount, columnCount: columnCount)
    }

    /// 8-bit weights beside 4-bit ones, with which they share inputs: scale · number.
    ///
    /// - Parameters:
    ///   - numbers: `[rowCount × columnCount]` bytes with a sign.
    ///   - scales: `[rowCount × scaleCount]` float32.
    ///   - grouping: of 8 bits.
    public convenience init(
        numbers: RawSpan, scales: RawSpan, _ grouping: WeightGrouping, rowCount: Int, columnCount: Int,
        pool: WorkerPool
    ) {
        let scaleBytes = 4 * grouping.scaleCount(columns: columnCount)
        precondition(
            grouping.bits == .eight && numbers.byteCount == rowCount * columnCount
                && scales.byteCount == rowCount * scaleBytes,
            "\(numbers.byteCount) and \(scales.byteCount) bytes are not \(rowCount) × \(columnCount) 8-bit numbers")
        let memory = Self.stripMemory(grouping, rowCount: rowCount, columnCount: columnCount)
        unsafe numbers.withUnsafeBytes { numbers in
            unsafe scales.withUnsafeBytes { scales in
                guard let numbers = numbers.baseAddress, let scales = scales.baseAddress else { return }
                // Each strip is written by only one thread, and `forEachStrip` waits for all of them.
                nonisolated(unsafe) let from = unsafe (numbers, scales)
                unsafe Self.forEachStrip(memory, grouping, rowCount, columnCount, pool) { first, rows, strip in
                    unsafe imprag_pack_strip8(
                        from.0 + first * columnCount, from.1 + first * scaleBytes, rows, columnCount,
                        grouping.groupsPerScale, strip)
                }
            }
        }
        self.init(memory, grouping, rowCount: rowCount, columnCount: columnCount)
    }

    /// The `byteCount` of a grouped matrix of this shape.
    public static func byteCount(rowCount: Int, columnCount: Int, _ grouping: WeightGrouping) -> Int {
        panelCount(rowCount) * grouping.panelBytes(columnCount: columnCount)
    }

    /// The last panel is zeros: strips without rows stay so.
    private static func stripMemory(_ grouping: WeightGrouping, rowCount: Int, columnCount: Int) -> PanelMemory {
        let memory = PanelMemory(byteCount: byteCount(rowCount: rowCount, columnCount: columnCount, grouping))
        let empty = grouping.panelBytes(columnCount: columnCount)
        if memory.count >= empty {
            unsafe (memory.base + (memory.count - empty)).initializeMemory(as: UInt8.self, repeating: 0, count: empty)
        }
        return memory
    }

    private static func forEachStrip(
        _ memory: PanelMemory, _ grouping: WeightGrouping, _ rowCount: Int, _ columnCount: Int, _ pool: WorkerPool,
        _ pack: @Sendable (_ firstRow: Int, _ rows: Int, _ strip: UnsafeMutableRawPointer) -> Void
    ) {
        let outputs = WeightGrouping.stripOutputs
        let bytes = grouping.stripBytes(columnCount: columnCount)
        pool.run((rowCount + outputs - 1) / outputs) { strip in
            let first = strip * outputs
            unsafe pack(first, min(outputs, rowCount - first), memory.base + strip * bytes)
        }
    }
}

extension Projection {
    /// The products of some panels of matrix `index`, whose weights come in strips.
    func multiplyStrips(_ index: Int, _ panels: Range<Int>, _ job: Job) {
        let matrix = matrices[index]
        guard let grouping = matrix.grouping, let kernels = unsafe imprag_grouped_kernels() else { return }
        let multiply = unsafe grouping.bits == .four ? kernels.pointee.multiply4 : kernels.pointee.multiply8
        let groups = ProductNumber.padded(inputCount) / WeightGrouping.groupColumns
        let stripBytes = grouping.stripBytes(columnCount: inputCount)
        let blocks = (job.rows + Self.blockRows - 1) / Self.blockRows
        let strips = panels.lowerBound * WeightGrouping.panelStrips..<panels.upperBound * WeightGrouping.panelStrips
        for strip in strips {
            for block in 0..<blocks {
                let (first, end) = (job.rows * block / blocks, job.rows * (block + 1) / blocks)
                let out = unsafe job.y + first * stride + columns[index] + strip * WeightGrouping.stripOutputs
                unsafe multiply?(
                    job.x + first * job.rowBytes, job.rowBytes, end - first, matrix.memory.base + strip * stripBytes,
                    groups, grouping.groupsPerScale, out, stride)
            }
        }
    }
}
