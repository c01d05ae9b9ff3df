public import Core
internal import Foundation
internal import ObjectStore
internal import Platform

extension VerificationReport {
    /// Brings every partition back from each of its checkpoints, in a directory for the meantime, counts its rows,
    /// reads all of them, and applies the log that belongs to it.
    ///
    /// For a collection whose objects were found right before. Damage is added, and the work goes on.
    ///
    /// - Parameters:
    ///   - scratch: a directory that takes one partition.
    ///   - progress: called between pieces of work; throws to stop.
    public mutating func verifyRows(
        of collection: StoredCollection, scratch: String, deadline: Deadline,
        progress: (RecoveryProgress) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        let stored = try collection.manifest(deadline: deadline)
        let head = try CollectionLog(collection, stored).head(deadline: deadline)
        let retention = Retention(stored.manifest)
        try withoutActuallyEscaping(progress) { progress throws(ImpRAGError) in
            let recovery = PartitionRecovery(
                collection: collection, stored: stored, scratch: scratch, deadline: deadline, progress: progress)
            for partition in stored.manifest.partitions.indices {
                defer { try? recovery.clear(partition) }
                for epoch in retention.checkpoints(of: partition) {
                    do throws(ImpRAGError) {
                        try Self.verifyRows(
                            recovery, partition, from: epoch, to: min(head, retention.reach(from: epoch)))
                    } catch {
                        guard error.code == .dataLoss else { throw error }
                        // A collection that is written to goes on meanwhile.
                        let now = Retention(try collection.manifest(deadline: deadline).manifest)
                        guard now.keepsCheckpoint(of: partition, at: epoch) else { continue }
                        let key = try CollectionKey.checkpoint(
                            partition: partition, epoch: epoch, Checkpoint.contentsName)
                        add(key.text, error)
                    }
                }
            }
        }
    }

    private static func verifyRows(
        _ recovery: PartitionRecovery, _ partition: Int, from epoch: Int, to last: Int
    ) throws(ImpRAGError) {
        let collection = recovery.collection
        let checkpoint = try collection.checkpoint(partition: partition, epoch: epoch, deadline: recovery.deadline)
        let entry = recovery.stored.manifest.partitions[partition]
        let key = try CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName)
        let place = "the checkpoint \(collection.place(of: key))"
        let restored = try recovery.restore(partition, at: epoch)
        try recovery.tell(partition, .counting, 0, checkpoint.passages)
        guard restored.count == checkpoint.passages else {
            throw ImpRAGError(
                .dataLoss, "\(place) holds \(restored.count) passages, and \(checkpoint.passages) by its contents")
        }
        let checksum = try restored.contentChecksum().description
        guard restored.wasChanged || checksum == entry.checksum, restored.bulkCount == entry.passages else {
            throw ImpRAGError(
                .dataLoss,
                "\(place) was indexed with \(restored.bulkCount ?? 0) passages and has the checksum \(checksum), but the manifest says "
                    + "\(entry.passages) and \(entry.checksum)")
        }
        try recovery.follow(restored, to: last)
    }

    /// Reads the replicas in the directory of `index`, but those that a node has open. Ones that are not there are no
    /// damage: a replica is a cache.
    public mutating func verifyReplicas(
        of index: IndexDirectory, progress: (_ partition: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        for (number, entry) in index.manifest.partitions.enumerated() {
            let path = index.partitionPath(number)
            guard FileManager.default.fileExists(atPath: path) else { continue }
            guard !FileLock.isHeldByWriter(path + "/LOCK") else {
                replicasInUse.append(entry.directory)
                continue
            }
            try progress(number)
            replicas += 1
            do throws(ImpRAGError) {
                let partition = try index.partition(number)
                let checksum = try partition.contentChecksum().description
                guard partition.wasChanged || checksum == entry.checksum else {
                    throw ImpRAGError(
                        .dataLoss, "\(path) has the checksum \(checksum), but the manifest says \(entry.checksum)")
                }
            } catch {
                guard [.dataLoss, .failedPrecondition].contains(error.code) else { throw error }
                add(entry.directory, error)
            }
        }
    }
}
