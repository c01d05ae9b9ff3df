internal import Core
internal import Platform

/// How far a partition is brought back, for people.
public struct RecoveryProgress: Sendable {
    public enum Step: String, Sendable {
        /// Counted in bytes.
        case fetching
        /// Counted in epochs.
        case applying
        /// Not counted.
        case writing
        /// Counted in passages.
        case counting
    }

    public let partition: Int
    public let partitionCount: Int
    public let step: Step
    public let done: Int
    public let total: Int
}

/// Makes partitions, as they were at an epoch, of a checkpoint and the log: in a directory for the meantime.
struct PartitionRecovery {
    let collection: StoredCollection
    let stored: StoredManifest
    /// The partitions' directories are made in it.
    let scratch: String
    let deadline: Deadline
    let progress: (RecoveryProgress) throws(ImpRAGError) -> Void

    func path(_ partition: Int) -> String { "\(scratch)/\(IndexDirectory.partitionName(partition))" }

    /// Removes what is there of a partition, and the scratch directory if it is empty then.
    func clear(_ partition: Int) throws(ImpRAGError) {
        for path in [path(partition), path(partition) + ".new"] { try removeDirectory(path) }
        _ = DurableFile.removeEmptyDirectory(scratch)
    }

    /// The partition as its checkpoint at `epoch` has it, open for writing.
    ///
    /// - Throws: `dataLoss`, naming the object, when it is damaged or not what the manifest speaks of.
    func restore(_ partition: Int, at epoch: Int) throws(ImpRAGError) -> Partition {
        try clear(partition)
        let path = path(partition)
        try collection.restore(partition: partition, epoch: epoch, to: path, deadline: deadline) {
            (done, total) throws(ImpRAGError) in
            try tell(partition, .fetching, done, total)
        }
        let restored = try Partition(
            path: path, expecting: stored.identity.fingerprint, access: .readWrite, cacheBytes: 8 << 20)
        let identity = stored.identity
        guard restored.logPosition == LogPosition(collection: identity.id, epoch: epoch), restored.number == partition,
            restored.partitionCount == identity.partitionCount, restored.dimension == identity.dimension
        else {
            let key = try CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName)
            throw ImpRAGError(
                .dataLoss,
                "the checkpoint \(collection.place(of: key)) holds partition \(restored.number) of \(restored.partitionCount) at epoch "
                    + "\(restored.logPosition?.epoch ?? 0), and not what the manifest says")
        }
        return restored
    }

    /// Applies the log to `restored`, up to `epoch`.
    ///
    /// - Throws: `dataLoss`, naming the object, when a segment is damaged or missing.
    func follow(_ restored: Partition, to epoch: Int) throws(ImpRAGError) {
        guard let start = restored.logPosition?.epoch, start < epoch else { return }
        let log = CollectionLog(collection, stored)
        for next in start + 1...epoch {
            try tell(restored.number, .applying, next - start - 1, epoch - start)
            let changes = try log.keptEntry(next, partition: restored.number, deadline: deadline)
            _ = try restored.apply(changes, epoch: next)
        }
    }

    func tell(_ partition: Int, _ step: RecoveryProgress.Step, _ done: Int, _ total: Int) throws(ImpRAGError) {
        try progress(
            RecoveryProgress(
                partition: partition, partitionCount: stored.identity.partitionCount, step: step, done: done,
                total: total))
    }
}

extension CollectionLog {
    /// The changes to a partition in a segment that the manifest or one of its snapshots keeps. Unlike `entry` it reads
    /// those before the manifest's first epoch too.
    ///
    /// - Throws: `dataLoss`, naming the object, when it is missing, damaged or another collection's.
    func keptEntry(_ epoch: Int, partition: Int, deadline: Deadline) throws(ImpRAGError) -> [LoggedChange] {
        switch try read(epoch, [partition], deadline) {
        case .entry(let entry): return entry.changes[partition] ?? []
        case .nothing(let why):
            throw ImpRAGError(.dataLoss, "\(try place(of: epoch)) \(why), although it is needed")
        }
    }
}
