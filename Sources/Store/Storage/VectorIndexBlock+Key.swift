internal import Core
internal import VectorIndex

// Three numbers of 32 bits, so that scans give a generation's model first, then its chunks in the order of lists and
// numbers:
//
//   queries   0, 0, 0
//   model     generation, 0, 0
//   chunk     generation, list + 1, number
extension VectorIndexBlock.Name {
    var key: [UInt8] {
        let numbers =
            switch self {
            case .queries: [0, 0, 0]
            case .model(let generation): [generation, 0, 0]
            case .chunk(let generation, let list, let number): [generation, list + 1, number]
            }
        var writer = ByteWriter(capacity: 12)
        for number in numbers {
            precondition((0..<1 << 32).contains(number), "\(self) has a number that 32 bits do not hold")
            writer.append(bigEndian: UInt32(number))
        }
        return writer.bytes
    }

    /// Nil when the bytes are no such key.
    init?(key: [UInt8]) {
        var reader = ByteReader(key)
        guard let generation = reader.bigEndian32(), let list = reader.bigEndian32(), let number = reader.bigEndian32(),
            reader.isAtEnd
        else { return nil }
        switch (generation, list, number) {
        case (0, 0, 0): self = .queries
        case (1..., 0, 0): self = .model(generation: Int(generation))
        case (1..., 1..., _): self = .chunk(generation: Int(generation), list: Int(list) - 1, number: Int(number))
        default: return nil
        }
    }

    /// The first key of a generation's blocks, and the one that ends them.
    static func keys(of generation: Int) -> (first: [UInt8], end: [UInt8]) {
        precondition((1..<1 << 32 - 1).contains(generation), "generation \(generation)")
        return (PartitionFormat.shortKey(generation), PartitionFormat.shortKey(generation + 1))
    }
}
