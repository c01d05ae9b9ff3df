public import Core
internal import ObjectStore

/// Makes a new collection with what another one holds at an epoch: as a restore, or to take an index into a bucket.
///
/// It gets an id of its own, since both may be written to afterwards; no view of one may be taken for a view of the
/// other. It goes on with the epoch's number, so that what clients know of epochs up to there stays right.
///
/// The manifest comes last. A run that was stopped leaves partitions that are complete, and the same run again goes on
/// after them.
public struct CollectionCopy {
    private let source: StoredCollection
    private let stored: StoredManifest
    private let target: StoredCollection
    private let point: RestorePoint
    private let scratch: String

    /// - Parameters:
    ///   - stored: the source's manifest, of which `point` is one.
    ///   - scratch: a directory for the meantime, which takes one partition; on the disk of a source or target that is
    ///     a directory, its tables take no room.
    public init(
        of source: StoredCollection, _ stored: StoredManifest, at point: RestorePoint, to target: StoredCollection,
        scratch: String
    ) {
        self.source = source
        self.stored = stored
        self.point = point
        self.target = target
        self.scratch = scratch
    }

    /// - Parameters:
    ///   - deadline: for all of it.
    ///   - progress: called between pieces of work; throws to stop.
    /// - Returns: the new collection's manifest.
    /// - Throws: `failedPrecondition` when the target holds something else, or the source keeps the epoch no longer;
    ///   `dataLoss`, naming the object, when something in the source is damaged; and as the stores.
    public func run(
        deadline: Deadline, progress: (RecoveryProgress) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> StoredManifest {
        let draft = CollectionDraft(of: stored.identity.id, at: point.epoch)
        if let complete = try draft.complete(in: target, deadline: deadline) { return complete }
        let id = try draft.begin(in: target, deadline: deadline)
        do throws(ImpRAGError) {
            try withoutActuallyEscaping(progress) { progress throws(ImpRAGError) in
                let recovery = PartitionRecovery(
                    collection: source, stored: stored, scratch: scratch, deadline: deadline, progress: progress)
                for partition in point.checkpoints.indices { try copy(partition, as: id, recovery) }
            }
        } catch {
            guard error.code == .dataLoss, try !isStillKept(deadline) else { throw error }
            throw ImpRAGError(
                .failedPrecondition,
                "\(source.store.name) has deleted what epoch \(point.epoch) is made of meanwhile, because it has newer checkpoints; make a "
                    + "snapshot first, which keeps it: `imprag snapshot create`", cause: error)
        }
        return try finish(id, deadline)
    }

    private func isStillKept(_ deadline: Deadline) throws(ImpRAGError) -> Bool {
        let now = try source.manifest(deadline: deadline)
        return now.identity == stored.identity && Retention(now.manifest).keeps(point)
    }

    private func copy(
        _ partition: Int, as id: CollectionID, _ recovery: PartitionRecovery
    ) throws(ImpRAGError) {
        let position = LogPosition(collection: id, epoch: point.epoch)
        guard try target.wholeCheckpoint(partition, at: position, recovery.deadline) == nil else { return }
        defer { try? recovery.clear(partition) }
        let restored = try recovery.restore(partition, at: point.checkpoints[partition])
        try recovery.follow(restored, to: point.epoch)
        try restored.join(id)
        try recovery.tell(partition, .writing, 0, 0)
        _ = try target.writeCheckpoint(
            of: restored, scratch: recovery.path(partition) + IndexDirectory.scratchSuffix, deadline: recovery.deadline
        ) { () throws(ImpRAGError) in try recovery.tell(partition, .writing, 0, 0) }
    }

    /// Writes the manifest.
    private func finish(_ id: CollectionID, _ deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        // Another run, with another epoch, may have begun anew meanwhile.
        let draft = try CollectionDraft.read(from: target, deadline: deadline)?.draft
        guard draft?.collection == id.description else {
            throw ImpRAGError(
                .failedPrecondition, "another run has taken \(target.store.name) over; nothing was completed here")
        }
        var manifest = stored.manifest
        manifest.collection = id.description
        manifest.firstEpoch = point.epoch + 1
        for partition in manifest.partitions.indices {
            manifest.partitions[partition].checkpoint = point.epoch
            manifest.partitions[partition].replaced = nil
        }
        (manifest.snapshots, manifest.isClosed, manifest.follows) = (nil, nil, nil)
        return try CollectionDraft.finish(
            manifest, in: target, with: source.corpusFiles(of: stored.manifest, deadline: deadline), deadline: deadline)
    }
}
