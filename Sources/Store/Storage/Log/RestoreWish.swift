public import Core
internal import ObjectStore

/// Which state of a collection is asked for.
public enum RestoreWish: Sendable, Equatable {
    /// All that is in the log now.
    case newest
    case epoch(Int)
    case snapshot(String)
}

extension StoredCollection {
    /// What `wish` is made of.
    ///
    /// - Throws: `notFound` when there is no such snapshot, `failedPrecondition` when the epoch is yet to come, or is not
    ///   kept any more; and as the store.
    public func restorePoint(
        _ wish: RestoreWish, of stored: StoredManifest, deadline: Deadline
    ) throws(ImpRAGError) -> RestorePoint {
        let manifest = stored.manifest
        switch wish {
        case .snapshot(let name):
            guard let snapshot = manifest.snapshots?.first(where: { $0.name == name }) else {
                throw unknownSnapshot(name, manifest)
            }
            return try point(snapshot.epoch, manifest)
        case .newest:
            return try point(try CollectionLog(self, stored).head(deadline: deadline), manifest)
        case .epoch(let epoch):
            let head = try CollectionLog(self, stored).head(deadline: deadline)
            guard epoch <= head else {
                throw ImpRAGError(
                    .failedPrecondition, "the log in \(store.name) has reached epoch \(head), and not \(epoch) yet")
            }
            return try point(epoch, manifest)
        }
    }

    private func point(_ epoch: Int, _ manifest: IndexManifest) throws(ImpRAGError) -> RestorePoint {
        if let point = Retention(manifest).point(epoch) { return point }
        let oldest = manifest.partitions.map(\.checkpoint).max() ?? 0
        let snapshots = (manifest.snapshots ?? []).map { "\($0.name) (epoch \($0.epoch))" }
        throw ImpRAGError(
            .failedPrecondition,
            "epoch \(epoch) of \(store.name) is not kept; what is kept begins at epoch \(oldest)"
                + (snapshots.isEmpty
                    ? ", and there is no snapshot" : ", beside the snapshots \(snapshots.prefix(20).joined(separator: ", "))"))
    }
}
