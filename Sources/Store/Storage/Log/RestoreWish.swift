public import Core
internal import ObjectStore

/// Which state of a collection is asked for.
public enum RestoreWish: Sendable, Equatable {
    /// All that is in the log now.
    case newest
    case epoch(Int)
    /// What it held at that time, in milliseconds since 1970: the last epoch that was written until then.
    case time(Int)
    case snapshot(String)
}

extension StoredCollection {
    /// What `wish` is made of.
    ///
    /// - Throws: `notFound` when there is no such snapshot, `failedPrecondition` when the epoch is yet to come, or is
    ///   not kept any more; and as the store.
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
        case .time(let time):
            return try point(try epoch(at: time, stored, deadline), manifest)
        }
    }

    /// The last epoch that was written until `time`. Times do not go back from one segment to the next.
    private func epoch(at time: Int, _ stored: StoredManifest, _ deadline: Deadline) throws(ImpRAGError) -> Int {
        let log = CollectionLog(self, stored)
        let oldest = Retention(stored.manifest).oldest
        // Of the first segment that came later, if any did.
        var (low, high) = (oldest, try log.head(deadline: deadline))
        func isLater(_ epoch: Int) throws(ImpRAGError) -> Bool? {
            guard let header = try log.header(epoch, deadline)?.header else { return nil }
            return header.time ?? 0 > time
        }
        while low < high {
            let middle = (low + high + 1) / 2
            if try isLater(middle) ?? false { high = middle - 1 } else { low = middle }
        }
        // Before the first update there was nothing else.
        guard low == oldest, oldest > 0 else { return low }
        guard let isLater = try isLater(oldest), !isLater else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(store.name) is not known to have been like any epoch that it keeps at that time; what is kept begins at epoch "
                    + "\(oldest), which --epoch \(oldest) restores. `imprag collections set --retention` keeps more from now on"
            )
        }
        return oldest
    }

    private func point(_ epoch: Int, _ manifest: IndexManifest) throws(ImpRAGError) -> RestorePoint {
        if let point = Retention(manifest).point(epoch) { return point }
        let oldest = Retention(manifest).oldest
        let snapshots = (manifest.snapshots ?? []).map { "\($0.name) (epoch \($0.epoch))" }
        throw ImpRAGError(
            .failedPrecondition,
            "epoch \(epoch) of \(store.name) is not kept; what is kept begins at epoch \(oldest)"
                + (snapshots.isEmpty
                    ? ", and there is no snapshot"
                    : ", beside the snapshots \(snapshots.prefix(20).joined(separator: ", "))"))
    }
}
