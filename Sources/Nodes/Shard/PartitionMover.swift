/// What makes partitions come to a shard, and perhaps go from it, while it serves.
protocol PartitionMover: Sendable {
    /// What an operator should know; nil when there is nothing.
    var news: String? { get }
    /// Partitions that the shard should serve and could not load; they are tried again.
    var failureCount: Int { get }

    /// Why a partition that was asked for is not here; nil when the shard is not to serve it.
    func absence(of partition: Int) -> String?

    /// Takes note that the shard takes nothing new from now on.
    func beginDraining()

    func stop()

    /// Whether its thread has ended within `milliseconds` after `stop`.
    func join(milliseconds: Int) -> Bool
}
