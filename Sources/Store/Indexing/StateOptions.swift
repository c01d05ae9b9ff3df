public import Core

/// Which passage states to store beside the shards of an index.
public struct StateOptions: Sendable {
    public var maker: any PassageStateMaker
    /// What the states of all shards together may count for, in equal parts; nil is without limit.
    public var budget: ByteCount?

    public init(maker: any PassageStateMaker, budget: ByteCount? = nil) {
        self.maker = maker
        self.budget = budget
    }

    /// What the store of one shard, in one of `partCount` parts, may take.
    func shardBudget(shardCount: Int, partCount: Int) -> ByteCount {
        budget.map { ByteCount(max(1, $0.bytes / shardCount / partCount)) } ?? ByteCount(.max)
    }

    /// Memory for each of the buffers of recent states of one shard, of which all are open at once.
    static func writeBufferLimit(shardCount: Int) -> Int { min(32 << 20, (256 << 20) / shardCount) }

    /// What is out of range.
    var problems: [String] {
        if let budget, budget.bytes < 1 {
            ["the budget for states is \(budget); it must be 1 byte or more"]
        } else {
            []
        }
    }
}
