import CKernels

/// The machine's limits, against which a model's speed is compared: the most that was measured. Other programs slow any
/// one measurement down and nothing makes it too fast, so measuring again beside what is compared keeps shares honest.
public struct MachineLimits: Sendable {
    /// Bytes per second that the pool's threads together read of what a model keeps.
    public private(set) var readBytesPerSecond = 0.0
    /// Multiplications and additions per second, on all threads, of numbers that stand in registers: by the
    /// instructions of the products' kernels.
    public private(set) var operationsPerSecond: [ProductNumber: Double] = [:]

    private let pool: WorkerPool
    private let memory: PanelMemory
    private static let mostBytes = 1 << 30

    /// Measures for some tenths of a second, on all threads of `pool`.
    ///
    /// - Parameter weightBytes: what a model's pass reads. Where that fits in a cache, its speed is the limit.
    public init(pool: WorkerPool, weightBytes: Int) {
        self.pool = pool
        let line = 64 * pool.threadCount
        memory = PanelMemory(byteCount: (max(64 << 10, min(Self.mostBytes, weightBytes)) + line - 1) / line * line)
        unsafe memory.base.initializeMemory(as: UInt8.self, repeating: 1, count: memory.count)
        for _ in 0..<3 { measure() }
    }

    /// Measures again, and keeps what is higher than before.
    public mutating func measure() {
        readBytesPerSecond = max(readBytesPerSecond, readSpeed())
        for number in ProductNumber.allCases {
            operationsPerSecond[number] = max(operationsPerSecond[number] ?? 0, productSpeed(number))
        }
    }

    /// Each thread reads its own part, at least 32 MiB and as often as that takes.
    private func readSpeed() -> Double {
        let threads = pool.threadCount
        let part = memory.count / threads
        let times = max(1, (32 << 20) / part)
        let seconds = Self.seconds {
            pool.run(threads) { thread in
                for _ in 0..<times { _ = unsafe imprag_read_all(memory.base + thread * part, part) }
            }
        }
        return Double(part * threads * times) / seconds
    }

    private func productSpeed(_ number: ProductNumber) -> Double {
        if number == .grouped { return stripSpeed() }
        guard let peak = number.peak else { return 0 }
        var (rounds, multiplications) = (1 << 10, UInt64(0))
        var start = imprag_nanoseconds()
        // Long enough that waking the threads does not count.
        repeat {
            rounds *= 2
            start = imprag_nanoseconds()
            multiplications = peak(rounds)
        } while imprag_nanoseconds() &- start < 2_000_000
        let (threads, length) = (pool.threadCount, rounds)
        let seconds = Self.seconds { pool.run(threads) { _ in _ = peak(length) } }
        return 2 * Double(multiplications) * Double(threads) / seconds
    }

    /// Of 4-bit weights, whose products have no measure of their own: rows and strips that stay in the second-level
    /// cache.
    private func stripSpeed() -> Double {
        guard let multiply = unsafe imprag_grouped_kernels()?.pointee.multiply4 else { return 0 }
        let (rows, strips, depth, repeats) = (96, 8, 512, 40)
        let (groups, outputs) = (depth / WeightGrouping.groupColumns, WeightGrouping.stripOutputs)
        let bytes = imprag_strip_bytes(4, groups, Int(imprag_block_groups))
        let rooms = (0..<pool.threadCount).map { _ in PanelMemory(byteCount: 1 << 20) }
        for room in rooms { unsafe room.base.initializeMemory(as: UInt8.self, repeating: 0, count: room.count) }
        let seconds = Self.seconds {
            pool.run(pool.threadCount) { thread in
                let base = unsafe rooms[thread].base
                let out = unsafe (base + (512 << 10)).assumingMemoryBound(to: Float.self)
                for strip in 0..<repeats * strips {
                    unsafe multiply(
                        base, imprag_grouped_row_bytes(depth), rows, base + (256 << 10) + strip % strips * bytes,
                        groups,
                        Int(imprag_block_groups), out + strip % strips * outputs, strips * outputs)
                }
            }
        }
        return Double(2 * rows * strips * outputs * depth * repeats * pool.threadCount) / seconds
    }

    /// The shortest of eight runs.
    private static func seconds(_ body: () -> Void) -> Double {
        (0..<8).map { _ in
            let start = imprag_nanoseconds()
            body()
            return Double(imprag_nanoseconds() &- start) * 1e-9
        }.min() ?? .infinity
    }
}

extension ProductNumber {
    /// The chosen level's measure of its own speed.
    fileprivate var peak: (@convention(c) (Int) -> UInt64)? {
        let measures = unsafe imprag_panel_kernels().pointee.peak
        return switch self {
        case .f32: measures.0
        case .bf16: measures.1
        case .int8: measures.2
        case .grouped: nil
        }
    }
}
