internal import Storage

/// The share of one of several processes that index a corpus together, as in "part 2 of 5".
///
/// What is shared out are whole batches of a partition, in turn: a batch then holds the same passages as in an index that one
/// process makes, so that its vectors have the same bits, and all parts have work from the first line of the corpus to the last.
public struct IndexPart: Sendable, Equatable, Hashable, Codable {
    /// All of them are opened at once when they are merged.
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

    /// The part that a text as `2/5` names; nil for any other text.
    public init?(_ text: String) {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }),
            let number = Int(words[0]), let count = Int(words[1])
        else { return nil }
        self.init(number: number, of: count)
    }

    /// The directory of the part below that of the index.
    public var directoryName: String { IndexDirectory.partName(number, of: count) }

    /// Whether the batch number `batch` of `partition` is this part's. Partitions begin with different parts, so that the partitions' last
    /// batches, which are not full, do not all come to the same one.
    func owns(batch: Int, of partition: Int) -> Bool { (partition + batch) % count == number - 1 }

    /// Passages of this part among the first `passages` of `partition`.
    func passages(among passages: Int, of partition: Int) -> Int {
        let (full, rest) = passages.quotientAndRemainder(dividingBy: IndexOptions.batchRows)
        // The part's batches in this partition are `first`, `first + count`, ….
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
