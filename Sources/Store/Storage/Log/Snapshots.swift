public import Core
internal import ObjectStore

/// Names for epochs, whose contents are kept as long as the names are there.
extension StoredCollection {
    /// A manifest is rewritten with each change, and each snapshot keeps checkpoints.
    static let snapshotLimit = 1000
    static let snapshotNameLimit = 64

    /// Gives the newest epoch the name `name`.
    ///
    /// Whoever deletes at the same time leaves what it needs alone: see `removeUnneeded`.
    ///
    /// - Parameter keepsLog: whether all of the log behind it is kept too.
    /// - Throws: `invalidArgument` for a name that is none, `failedPrecondition` when there is one of that name, and as
    ///   `update`.
    public func createSnapshot(_ name: String, keepsLog: Bool = false, deadline: Deadline) throws(ImpRAGError)
        -> IndexManifest.Snapshot
    {
        try Self.checkSnapshotName(name)
        var made: IndexManifest.Snapshot?
        _ = try update(deadline: deadline) { manifest throws(ImpRAGError) in
            var snapshots = manifest.snapshots ?? []
            if let there = snapshots.first(where: { $0.name == name }) {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(store.name) has a snapshot \(name) already, of epoch \(there.epoch); delete it first, or choose another name"
                )
            }
            guard snapshots.count < Self.snapshotLimit else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(store.name) has \(snapshots.count) snapshots, and more are not kept; delete some first")
            }
            let checkpoints = manifest.partitions.map(\.checkpoint)
            let snapshot = IndexManifest.Snapshot(
                name: name, epoch: try head(deadline: deadline), checkpoints: checkpoints,
                keepsLog: keepsLog ? true : nil)
            guard checkpoints.allSatisfy({ $0 <= snapshot.epoch }) else {
                throw ImpRAGError(
                    .dataLoss,
                    "the log in \(store.name) ends at epoch \(snapshot.epoch), before its checkpoints: segments are missing; "
                        + "`imprag verify` says which")
            }
            snapshots.append(snapshot)
            manifest.snapshots = snapshots.sorted { $0.name < $1.name }
            made = snapshot
        }
        guard let made else { throw ImpRAGError(.internal, "the snapshot \(name) was not made") }
        return made
    }

    /// Takes a name away, and deletes what is kept for nothing else.
    ///
    /// - Returns: how many objects were deleted.
    /// - Throws: `notFound` when there is no snapshot of that name, and as `update` and `removeUnneeded`.
    public func deleteSnapshot(_ name: String, deadline: Deadline) throws(ImpRAGError) -> Int {
        let stored = try update(deadline: deadline) { manifest throws(ImpRAGError) in
            let rest = (manifest.snapshots ?? []).filter { $0.name != name }
            guard rest.count < manifest.snapshots?.count ?? 0 else { throw unknownSnapshot(name, manifest) }
            manifest.snapshots = rest.isEmpty ? nil : rest
        }
        return try removeUnneeded(stored.manifest, deadline: deadline)
    }

    /// The newest epoch of the collection that is there now.
    func head(deadline: Deadline) throws(ImpRAGError) -> Int {
        try CollectionLog(self, try manifest(deadline: deadline)).head(deadline: deadline)
    }

    func unknownSnapshot(_ name: String, _ manifest: IndexManifest) -> ImpRAGError {
        let names = (manifest.snapshots ?? []).map(\.name)
        let known = names.isEmpty ? "it has none" : "it has \(names.prefix(20).joined(separator: ", "))"
        return ImpRAGError(.notFound, "\(store.name) has no snapshot \(name.prefix(80)); \(known)")
    }

    static func checkSnapshotName(_ name: String) throws(ImpRAGError) {
        guard isSnapshotName(name) else {
            throw ImpRAGError(
                .invalidArgument,
                "\"\(name.prefix(80))\" is no name for a snapshot: 1 to \(snapshotNameLimit) letters, digits, '-', '_' and '.' are right"
            )
        }
    }

    /// Names stand in messages and on command lines: what is right for an object's key is right for them.
    static func isSnapshotName(_ name: String) -> Bool {
        name.utf8.count <= snapshotNameLimit && !name.contains("/") && (try? ObjectKey(name)) != nil
    }
}

extension StoredManifest {
    /// Throws `invalidArgument` with the first thing in a manifest's snapshots that makes no sense.
    static func checkSnapshots(of manifest: IndexManifest) throws(ImpRAGError) {
        let snapshots = manifest.snapshots ?? []
        guard snapshots.count <= StoredCollection.snapshotLimit, Set(snapshots.map(\.name)).count == snapshots.count
        else {
            throw ImpRAGError(
                .invalidArgument, "it names \(snapshots.count) snapshots, which are too many, or some of them twice")
        }
        for snapshot in snapshots {
            guard StoredCollection.isSnapshotName(snapshot.name),
                (0..<CollectionKey.epochLimit).contains(snapshot.epoch),
                snapshot.checkpoints.count == manifest.partitions.count,
                snapshot.checkpoints.allSatisfy({ (0...snapshot.epoch).contains($0) })
            else {
                throw ImpRAGError(
                    .invalidArgument,
                    "its snapshot \"\(snapshot.name.prefix(80))\" of epoch \(snapshot.epoch) has no readable name, or other "
                        + "checkpoints than one a partition, at that epoch or before")
            }
        }
    }
}
