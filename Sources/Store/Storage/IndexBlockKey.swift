internal import Core

/// Where a block of the vector index stands: scans give blocks in the order of generation, list, block.
public struct IndexBlockKey: Hashable, Sendable {
    /// Each 0 ..< 2³².
    public var generation: Int
    public var list: Int
    public var block: Int

    public init(generation: Int, list: Int, block: Int) {
        self.generation = generation
        self.list = list
        self.block = block
    }

    var bytes: [UInt8] {
        for number in [generation, list, block] {
            precondition(number >= 0 && number < 1 << 32, "\(self) has a number that 32 bits do not hold")
        }
        return [generation, list, block].flatMap(PartitionFormat.shortKey)
    }

    /// Nil when the bytes are no key.
    init?(bytes: [UInt8]) {
        guard bytes.count == 12, let generation = PartitionFormat.keyNumber(bytes, at: 0, count: 4),
            let list = PartitionFormat.keyNumber(bytes, at: 4, count: 4),
            let block = PartitionFormat.keyNumber(bytes, at: 8, count: 4)
        else { return nil }
        self.init(generation: generation, list: list, block: block)
    }
}
