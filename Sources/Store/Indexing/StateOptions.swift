public import Core

/// Which passage states to store beside an index's partitions.
public struct StateOptions: Sendable {
    public var maker: any PassageStateMaker
    /// The budget of all partitions' states together, divided equally; nil is unlimited.
    public var budget: ByteCount?

    public init(maker: any PassageStateMaker, budget: ByteCount? = nil) {
        self.maker = maker
        self.budget = budget
    }

    /// The budget of one partition's store, in one of `partCount` parts.
    func partitionBudget(partitionCount: Int, partCount: Int) -> ByteCount {
        budget.map { ByteCount(max(1, $0.bytes / partitionCount / partCount)) } ?? ByteCount(.max)
    }

    /// Memory of each write buffer of a partition's store; all stores are open at once.
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
