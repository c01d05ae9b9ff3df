/// What a shard has to do so that it serves what it should. Pure.
public enum ReplicaSchedule {
    public struct Steps: Hashable, Sendable {
        /// Partitions to load, the most urgent first.
        public var load: [Int] = []
        /// Partitions that are placed elsewhere and served there: it needs no replica of them.
        public var spare: Set<Int> = []

        public init(load: [Int] = [], spare: Set<Int> = []) {
            self.load = load
            self.spare = spare
        }
    }

    /// A partition that is placed elsewhere is given up only once all that it is placed with have announced it: until
    /// then this shard's replica may be the only one that can serve.
    ///
    /// - Parameters:
    ///   - own: the shard.
    ///   - held: what it serves now.
    ///   - wanted: the shards of each partition, by number.
    ///   - announced: who serves each partition, by number.
    public static func steps(
        of own: String, holding held: Set<Int>, wanted: [[String]], announced: [Set<String>]
    ) -> Steps {
        var steps = Steps()
        for (partition, shards) in wanted.enumerated() {
            let isWanted = shards.contains(own)
            if isWanted, !held.contains(partition) { steps.load.append(partition) }
            if !isWanted, !shards.isEmpty, announced[partition].isSuperset(of: shards) { steps.spare.insert(partition) }
        }
        // What nobody serves comes first.
        steps.load.sort { (announced[$0].count, $0) < (announced[$1].count, $1) }
        return steps
    }
}
