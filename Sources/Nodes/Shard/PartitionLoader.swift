import Cluster
import Core
import Foundation
import Storage

/// Loads single partitions of a shard while it serves others, and deletes those that it has given up.
struct PartitionLoader: Sendable {
    /// A partition that is ready to be served.
    struct Loaded {
        let live: LivePartition
        let engine: any SearchEngine
        /// What it will need in memory.
        let plan: ByteCount
    }

    let replicas: ShardReplicas
    let settings: ShardSettings
    let crew: SearchCrew
    /// The node's name.
    let node: String
    /// What the node needs without partitions.
    let base: MemoryPlan
    let budget: ByteCount?

    /// Opens the replica of a partition, fetched from its checkpoint where that is needed. Blocks, perhaps for minutes.
    ///
    /// - Parameters:
    ///   - used: what the other partitions need.
    ///   - others: how many more partitions are expected to share the memory budget with it.
    /// - Throws: `resourceExhausted` when it does not fit in the memory budget.
    func load(_ number: Int, used: ByteCount, others: Int) throws(ImpRAGError) -> Loaded {
        var current = replicas
        try current.refresh()
        let opened = try OpenPartition(number, of: current, settings)
        var plan = MemoryPlan()
        opened.add(to: &plan, settings)
        let own = ByteCount(plan.total.bytes - MemoryPlan.base.bytes)
        var whole = base
        whole.add("partitions that it serves", used)
        whole.add("partition \(number)", own)
        try whole.require(within: budget, node: node)
        let spare = budget.map { ($0.bytes - whole.total.bytes) / (others + 1) }
        let live = try opened.live(crew, spare: spare, settings)
        return Loaded(live: live, engine: try PartitionEngine(live, settings: settings), plan: own)
    }

    /// Whether there is a replica of the partition on the disk.
    func hasReplica(_ number: Int) -> Bool {
        FileManager.default.fileExists(atPath: replicas.index.partitionPath(number))
    }

    /// Deletes the replica of a partition that nobody has open.
    func delete(_ number: Int) throws(ImpRAGError) {
        let path = replicas.index.partitionPath(number)
        let old = path + IndexDirectory.oldSuffix
        do {
            if FileManager.default.fileExists(atPath: old) { try FileManager.default.removeItem(atPath: old) }
            // A replica that is half deleted must not be taken for one.
            try FileManager.default.moveItem(atPath: path, toPath: old)
            try FileManager.default.removeItem(atPath: old)
        } catch {
            throw ImpRAGError(.unavailable, "the replica in \(path) cannot be deleted", cause: error)
        }
    }
}
