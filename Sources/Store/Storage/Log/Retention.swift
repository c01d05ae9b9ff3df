internal import Core

/// What a manifest keeps: the checkpoints that count, the log after them, and what its snapshots name.
struct Retention {
    private let manifest: IndexManifest
    /// The epochs of its segments, each from a first one to a last one; the last range is open.
    private let segments: [ClosedRange<Int>]
    /// By partition.
    private let checkpoints: [Set<Int>]

    init(_ manifest: IndexManifest) {
        self.manifest = manifest
        let snapshots = manifest.snapshots ?? []
        segments =
            snapshots.compactMap { snapshot in
                guard let oldest = snapshot.checkpoints.min(), oldest < snapshot.epoch else { return nil }
                return oldest + 1...snapshot.epoch
            } + [manifest.firstEpoch...Int.max]
        checkpoints = manifest.partitions.indices.map { number in
            Set(
                [manifest.partitions[number].checkpoint]
                    + snapshots.filter { $0.checkpoints.indices.contains(number) }.map { $0.checkpoints[number] })
        }
    }

    /// The epochs of the checkpoints of a partition that are kept.
    func checkpoints(of partition: Int) -> [Int] { checkpoints[partition].sorted() }

    func keepsCheckpoint(of partition: Int, at epoch: Int) -> Bool { checkpoints[partition].contains(epoch) }

    func keepsSegment(_ epoch: Int) -> Bool { segments.contains { $0.contains(epoch) } }

    /// How far the log goes, without a gap, behind a checkpoint at `epoch`: `Int.max` for as far as it goes at all.
    func reach(from epoch: Int) -> Int {
        var reached = epoch
        while reached < Int.max, let next = segments.first(where: { $0.contains(reached + 1) }) {
            reached = next.upperBound
        }
        return reached
    }

    /// Which checkpoints `epoch` can be made of: for each partition the newest that is not after it. Nil when it cannot.
    func point(_ epoch: Int) -> RestorePoint? {
        var found: [Int] = []
        for partition in manifest.partitions.indices {
            guard let newest = checkpoints(of: partition).last(where: { $0 <= epoch && reach(from: $0) >= epoch }) else {
                return nil
            }
            found.append(newest)
        }
        return RestorePoint(epoch: epoch, checkpoints: found)
    }

    /// Whether all of `point` is kept.
    func keeps(_ point: RestorePoint) -> Bool {
        point.checkpoints.enumerated().allSatisfy { partition, epoch in
            manifest.partitions.indices.contains(partition) && keepsCheckpoint(of: partition, at: epoch)
                && reach(from: epoch) >= point.epoch
        }
    }
}

/// A state of a collection that its store can give back.
public struct RestorePoint: Sendable, Equatable {
    public let epoch: Int
    /// By partition, the epoch of the checkpoint that it is made of; the log has the rest.
    public let checkpoints: [Int]
}
