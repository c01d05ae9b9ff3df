public import Core

/// What a manifest keeps: the checkpoints that count, the log after them, and what its snapshots and its retention
/// name.
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
                guard let oldest = snapshot.checkpoints.min() else { return nil }
                if snapshot.keepsLog == true { return oldest + 1...Int.max }
                return oldest < snapshot.epoch ? oldest + 1...snapshot.epoch : nil
            } + [Self.start(manifest)...Int.max]
        checkpoints = manifest.partitions.indices.map { number in
            Set(
                [manifest.partitions[number].checkpoint]
                    + (manifest.partitions[number].replaced ?? []).map(\.epoch)
                    + snapshots.filter { $0.checkpoints.indices.contains(number) }.map { $0.checkpoints[number] })
        }
    }

    /// Where the log that is kept to its end begins: with what the oldest of the retained checkpoints ends with, which
    /// says when that was.
    private static func start(_ manifest: IndexManifest) -> Int {
        let oldest = manifest.partitions.flatMap { $0.replaced ?? [] }.map(\.epoch).min()
        return max(1, min(manifest.firstEpoch, oldest ?? manifest.firstEpoch))
    }

    /// The first of the epochs that are all kept, up to the newest; beside them are those of snapshots.
    var oldest: Int {
        checkpoints.map { epochs in epochs.filter { reach(from: $0) == .max }.min() ?? 0 }.max() ?? 0
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

    /// Which checkpoints `epoch` can be made of: for each partition the newest that is not after it. Nil when it
    /// cannot.
    func point(_ epoch: Int) -> RestorePoint? {
        var found: [Int] = []
        for partition in manifest.partitions.indices {
            guard let newest = checkpoints(of: partition).last(where: { $0 <= epoch && reach(from: $0) >= epoch })
            else {
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

extension IndexManifest {
    /// Earlier checkpoints of a partition that are kept at most.
    static let replacedLimit = 1000

    /// Lets the checkpoint of a partition at `epoch` count, unless a newer one does, and keeps the one before for as
    /// long as the retention says.
    ///
    /// - Parameter now: seconds since 1970.
    public mutating func count(checkpoint epoch: Int, of partition: Int, now: Int) {
        let old = partitions[partition].checkpoint
        if epoch > old {
            partitions[partition].checkpoint = epoch
            if retention != nil {
                partitions[partition].replaced =
                    (partitions[partition].replaced ?? []) + [.init(epoch: old, until: now)]
            }
        }
        dropReplaced(now: now)
    }

    /// Drops what the retention keeps no longer. A checkpoint is needed for the time before its successor's last epoch,
    /// and that was written before the successor counted.
    mutating func dropReplaced(now: Int) {
        for number in partitions.indices {
            let kept = retention.map { seconds in
                (partitions[number].replaced ?? []).filter { $0.until > now - seconds }.suffix(Self.replacedLimit)
            }
            partitions[number].replaced = kept.flatMap { $0.isEmpty ? nil : Array($0) }
        }
    }
}

extension StoredCollection {
    /// Says how long the collection can go back: what newer checkpoints replace is kept for as long, with the log
    /// behind it. What is kept no longer is deleted.
    ///
    /// - Parameter seconds: 0 for not at all.
    /// - Throws: as `update` and `removeUnneeded`.
    public func setRetention(
        seconds: Int, now: Int = WallClock.milliseconds() / 1000, deadline: Deadline
    ) throws(ImpRAGError) {
        let stored = try update(deadline: deadline) { manifest throws(ImpRAGError) in
            manifest.retention = seconds > 0 ? seconds : nil
            manifest.dropReplaced(now: now)
        }
        _ = try removeUnneeded(stored.manifest, deadline: deadline)
    }

    /// Lets the collection take no updates, or take them again. A commit that has begun is told that it may have been
    /// too late.
    ///
    /// - Throws: as `update`.
    @discardableResult
    public func setClosed(_ isClosed: Bool, deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        try update(deadline: deadline) { manifest throws(ImpRAGError) in
            manifest.isClosed = isClosed ? true : nil
            if !isClosed { manifest.follows = nil }
        }
    }
}
