internal import Core
internal import Synchronization
internal import VectorIndex

/// The vectors of a small partition with lists stay in memory, where there is room: reading them would be most of a
/// search. They are the first to go when updates or a new index need the room.
extension LivePartition {
    /// The vectors of all rows; nil when they are too many, more than `spare` bytes, or damaged: a search that needs a
    /// damaged one says so, and the others go on.
    static func vectors(of partition: Partition, spare: Int?) -> KeptVectors? {
        let needed = KeptVectors.requiredBytes(rowLimit: partition.rowLimit, dimension: partition.dimension)
        guard needed <= KeptVectors.limit, needed.bytes <= spare ?? .max else { return nil }
        var kept = KeptVectors(dimension: partition.dimension)
        do throws(ImpRAGError) {
            try read(partition, from: 0) { rows, vectors in kept.append(rows: rows, vectors: vectors) }
            return kept
        } catch {
            return nil
        }
    }

    /// What the limit leaves for vectors, beside an index of `bytes` and what updates may add to it; nil without one.
    static func spare(_ memoryLimit: ByteCount?, beside bytes: ByteCount, of partition: Partition) -> Int? {
        guard let memoryLimit else { return nil }
        return memoryLimit.bytes - bytes.bytes - updateBytes(dimension: partition.dimension).bytes
    }

    /// Keeps the vectors of an index that has just been made, if they may be kept.
    func keepVectors() {
        guard keepsVectors else { return }
        // Under the lock of updates, so that no row falls between what is read and what is shown.
        updates.withLock { _ in
            guard state.withLock({ $0.snapshot.coded != nil && $0.snapshot.kept == nil }) else { return }
            let kept = Self.vectors(of: partition, spare: Self.spare(memoryLimit, beside: indexBytes, of: partition))
            state.withLock { $0.snapshot.kept = kept }
        }
    }

    func dropVectors() {
        state.withLock { $0.snapshot.kept = nil }
    }
}

extension IndexSnapshot {
    /// Adds the vectors of new rows to those that are kept, or drops all when they have become too many.
    mutating func keep(_ change: Partition.Change) {
        guard kept != nil else { return }
        let needed = KeptVectors.requiredBytes(rowLimit: change.rows.upperBound, dimension: flat.dimension)
        if needed > KeptVectors.limit {
            kept = nil
        } else {
            kept?.append(rows: Array(change.rows), vectors: change.vectors)
        }
    }
}
