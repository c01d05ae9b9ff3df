public import Core

/// Which passage states to store beside the partitions of an index.
public struct StateOptions: Sendable {
    public var maker: any PassageStateMaker
    /// What the states of all partitions together may count for, in equal parts; nil is without limit.
    public var budget: ByteCount?

    public init(maker: any PassageStateMaker, budget: ByteCount? = nil) {
        self.maker = maker
        self.budget = budget
    }

    /// What the store of one partition, in one of `partCount` parts, may take.
    func partitionBudget(partitionCount: Int, partCount: Int) -> ByteCount {
        budget.map { ByteCount(max(1, $0.bytes / partitionCount / partCount)) } ?? ByteCount(.max)
    }

    /// Memory for each of the buffers of recent states of one partition, of which all are open at once.
    static func writeBufferLimit(partitionCount: Int) -> Int { min(32 << 20, (256 << 20) / partitionCount) }

    /// What is out of range.
    var problems: [String] {
        if let budget, budget.bytes < 1 {
            ["the budget for states is \(budget); it must be 1 byte or more"]
        } else {
            []
        }
    }
}
