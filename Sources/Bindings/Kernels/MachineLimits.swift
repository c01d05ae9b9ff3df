import CKernels

/// The machine's measured limits, against which a model's speed is compared.
public struct MachineLimits: Sendable {
    /// Bytes per second that the pool's threads together read from memory.
    public let readBytesPerSecond: Double
    /// Multiplications and additions per second in products whose operands stay in cache.
    public let operationsPerSecond: [ProductNumber: Double]

    /// Measures for about a second, on all threads of `pool`.
    public init(pool: WorkerPool) {
        let memory = PanelMemory(byteCount: 1 << 30)
        let pieces = 8 * pool.threadCount
        let bytes = memory.count / pieces / 64 * 64
        unsafe memory.base.initializeMemory(as: UInt8.self, repeating: 1, count: memory.count)
        readBytesPerSecond =
            Double(bytes * pieces)
            / Self.seconds {
                pool.run(pieces) { piece in
                    withExtendedLifetime(unsafe imprag_read_all(memory.base + piece * bytes, bytes)) {}
                }
            }
        var operations: [ProductNumber: Double] = [:]
        for number in ProductNumber.allCases {
            // 96 rows and a panel of 64 columns of 512 numbers: both stay in every thread's L2 cache.
            let (rows, width, depth, repeats) = (96, 64, 512, 40)
            let multiply = unsafe number.multiply
            let rooms = (0..<pool.threadCount).map { _ in PanelMemory(byteCount: 1 << 20) }
            for room in rooms { unsafe room.base.initializeMemory(as: UInt8.self, repeating: 0, count: room.count) }
            let seconds = Self.seconds {
                pool.run(pool.threadCount) { thread in
                    let base = unsafe rooms[thread].base
                    for _ in 0..<repeats {
                        guard number != .grouped else {
                            unsafe Self.multiplyStrips(base, rows: rows, width: width, depth: depth)
                            continue
                        }
                        unsafe multiply?(
                            base, depth, rows, base + (256 << 10), width, depth / number.group, base + (512 << 10),
                            width, false)
                    }
                }
            }
            operations[number] = Double(2 * rows * width * depth * repeats * pool.threadCount) / seconds
        }
        operationsPerSecond = operations
        withExtendedLifetime(memory) {}
    }

    /// As 4-bit weights, with room as for the other products.
    private static func multiplyStrips(_ base: UnsafeMutableRawPointer, rows: Int, width: Int, depth: Int) {
        guard let multiply = unsafe imprag_grouped_kernels()?.pointee.multiply4 else { return }
        let (groups, outputs) = (depth / WeightGrouping.groupColumns, WeightGrouping.stripOutputs)
        let bytes = imprag_strip_bytes(4, groups, Int(imprag_block_groups))
        for strip in 0..<width / outputs {
            let out = unsafe (base + (512 << 10)).assumingMemoryBound(to: Float.self) + strip * outputs
            unsafe multiply(
                base, imprag_grouped_row_bytes(depth), rows, base + (256 << 10) + strip * bytes, groups,
                Int(imprag_block_groups), out, width)
        }
    }

    /// The shortest of five runs.
    private static func seconds(_ body: () -> Void) -> Double {
        (0..<5).map { _ in
            let start = imprag_nanoseconds()
            body()
            return Double(imprag_nanoseconds() &- start) * 1e-9
        }.min() ?? .infinity
    }
}
