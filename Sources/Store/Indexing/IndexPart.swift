internal import Storage

/// One worker's share of an indexing job, as in "part 2 of 5".
///
/// Whole batches are dealt out round-robin. So a batch holds the same passages, and its vectors have the same bits, as
/// in an index that one process makes, and all workers stay busy to the end of the corpus.
public struct IndexPart: Sendable, Equatable, Hashable, Codable {
    /// All parts are open at once when they are merged.
    public static let countLimit = 1024

    /// From 1 to `count`.
    public let number: Int
    public let count: Int

    /// Nil when there is no such part.
    public init?(number: Int, of count: Int) {
        guard (1...Self.countLimit).contains(count), (1...count).contains(number) else { return nil }
        self.number = number
        self.count = count
    }

    /// Parses a text such as `2/5`; nil for any other text.
    public init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }),
            let number = Int(words[0]), let count = Int(words[1])
        else { return nil }
        self.init(number: number, of: count)
    }

    /// The directory of the part below that of the index.
    public var directoryName: String { IndexDirectory.partName(number, of: count) }

    /// Whether batch `batch` of `partition` belongs to this part. Partitions begin with different parts, so that the
    /// last batches, which are not full, do not all go to the same one.
    func owns(batch: Int, of partition: Int) -> Bool { (partition + batch) % count == number - 1 }

    /// How many of the first `passages` passages of `partition` belong to this part.
    func passages(among passages: Int, of partition: Int) -> Int {
        let (full, rest) = passages.quotientAndRemainder(dividingBy: IndexOptions.batchRows)
        // The part has the batches `first`, `first + count`, … of this partition.
        let first = (number - 1 - partition % count + count) % count
        let owned = full > first ? (full - first - 1) / count + 1 : 0
        return owned * IndexOptions.batchRows + (owns(batch: full, of: partition) ? rest : 0)
    }
}

extension IndexPart: CustomStringConvertible {
    public var description: String { "\(number)/\(count)" }
}

extension IndexPart {
    private enum CodingKeys: CodingKey { case number, count }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let (number, count) = (
            try container.decode(Int.self, forKey: .number), try container.decode(Int.self, forKey: .count)
        )
        guard let part = Self(number: number, of: count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .number, in: container, debugDescription: "there is no part \(number) of \(count)")
        }
        self = part
    }
}
