import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// A collection of small partitions that takes updates, and what it should hold at each epoch.
final class WrittenCollection: Sendable {
    static let dimension = 4
    static let partitionCount = 2

    let directory: TemporaryDirectory
    let store: any ObjectStore
    let collection: StoredCollection
    let id = CollectionID.random()
    private let log: CollectionLog
    private let partitions: [Partition]
    /// By epoch, from 0: passages by id.
    private let states = Mutex<[[String: Passage]]>([])

    /// - Parameters:
    ///   - store: where it is made; in its own directory `store` when nil.
    ///   - wallTime: of the segments.
    init(
        _ store: (any ObjectStore)? = nil, passages: Int = 24,
        wallTime: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) throws {
        directory = try TemporaryDirectory()
        self.store = try store ?? DirectoryStore(path: directory.file("store"))
        collection = StoredCollection(self.store)
        var first: [String: Passage] = [:]
        var manifest = IndexManifest.sample(
            collection: id, dimension: Self.dimension, partitions: Self.partitionCount)
        manifest.fingerprint = try PartitionTests.fingerprint(7).description
        var partitions: [Partition] = []
        for number in 0..<Self.partitionCount {
            let mine = (0..<passages).map(PartitionTests.passage).filter {
                PartitionRouting.partition(of: $0.id, partitionCount: Self.partitionCount) == number
            }
            for passage in mine { first[passage.id] = passage }
            let writer = try PartitionWriter(
                path: directory.file(IndexDirectory.partitionName(number)), fingerprint: PartitionTests.fingerprint(7),
                dimension: Self.dimension, number: number, partitionCount: Self.partitionCount)
            try writer.append(mine, vectors: PartitionTests.vectors(0..<mine.count, dimension: Self.dimension))
            manifest.partitions[number].passages = mine.count
            manifest.partitions[number].checksum = try writer.finish().description
            let partition = try Partition(path: writer.path, access: .readWrite)
            try partition.record(LogPosition(collection: id, epoch: 0))
            _ = try collection.writeCheckpoint(
                of: partition, scratch: directory.file("scratch"), deadline: .soon
            ) { () throws(ImpRAGError) in }
            partitions.append(partition)
        }
        self.partitions = partitions
        states.withLock { $0 = [first] }
        log = CollectionLog(collection, try collection.write(manifest, deadline: .soon), wallTime: wallTime)
    }

    var manifest: IndexManifest {
        get throws { try collection.manifest(deadline: .soon).manifest }
    }

    var history: [[String: Passage]] { states.withLock { $0 } }

    var head: Int { history.count - 1 }

    /// Commits an update, and applies it here.
    func commit(_ changes: [PassageChange]) throws {
        let epoch = try log.commit([LogUpdate(changes)], deadline: .soon)
        try #require(epoch == history.count)
        let entry = try #require(try log.entry(epoch))
        for partition in partitions { _ = try partition.apply(entry.changes[partition.number] ?? [], epoch: epoch) }
        var now = history[epoch - 1]
        for change in changes {
            switch change {
            case .upsert(let passage, _): now[passage.id] = passage
            case .delete(let id): now[id] = nil
            }
        }
        states.withLock { $0.append(now) }
    }

    /// Commits one new passage.
    func commitOne() throws {
        try commit([
            .upsert(
                Passage(id: "new-\(history.count)", title: "", text: "text"),
                vector: [BFloat16](repeating: BFloat16(1), count: Self.dimension))
        ])
    }

    /// Writes a checkpoint of a partition, makes it count and deletes what it replaces, as shards do.
    ///
    /// - Parameter now: seconds since 1970.
    func checkpoint(_ partition: Int, now: Int = 0) throws {
        let written = try collection.writeCheckpoint(
            of: partitions[partition], scratch: directory.file("scratch"), deadline: .soon
        ) { () throws(ImpRAGError) in }
        let stored = try collection.update(deadline: .soon) { manifest in
            manifest.count(checkpoint: written.epoch, of: partition, now: now)
            manifest.firstEpoch = max(manifest.firstEpoch, (manifest.partitions.map(\.checkpoint).min() ?? 0) + 1)
        }
        _ = try collection.removeUnneeded(stored.manifest, deadline: .soon)
    }

    func checkpoint(now: Int = 0) throws { for partition in partitions { try checkpoint(partition.number, now: now) } }

    /// Copies it to `target`.
    func restore(
        _ wish: RestoreWish, to target: any ObjectStore,
        progress: (RecoveryProgress) throws(ImpRAGError) -> Void = { _ in }
    ) throws(ImpRAGError) -> StoredManifest {
        let stored = try collection.manifest(deadline: .soon)
        let point = try collection.restorePoint(wish, of: stored, deadline: .soon)
        return try CollectionCopy(
            of: collection, stored, at: point, to: StoredCollection(target), scratch: directory.file("copying")
        ).run(deadline: .soon, progress: progress)
    }

    func verify() throws -> VerificationReport { try Self.verify(store) }

    static func verify(_ store: any ObjectStore) throws -> VerificationReport {
        var verifier = CollectionVerifier(StoredCollection(store), deadline: .soon) { _, _ throws(ImpRAGError) in }
        return try verifier.run()
    }

    /// What a collection's newest checkpoints hold, without the log behind them.
    static func contents(of store: any ObjectStore) throws -> [String: Passage] {
        let collection = StoredCollection(store)
        let stored = try collection.manifest(deadline: .soon)
        let directory = try TemporaryDirectory()
        var found: [String: Passage] = [:]
        for (number, entry) in stored.manifest.partitions.enumerated() {
            let path = directory.file("\(number)")
            try collection.restore(partition: number, epoch: entry.checkpoint, to: path, deadline: .soon) {
                _, _ throws(ImpRAGError) in
            }
            let partition = try Partition(path: path)
            #expect(partition.logPosition == LogPosition(collection: stored.identity.id, epoch: entry.checkpoint))
            #expect(partition.number == number && partition.bulkCount == entry.passages)
            var rows: [Int] = []
            partition.liveRows().forEach { rows.append($0) }
            for passage in try partition.passages(rows: rows).compactMap({ $0 }) { found[passage.id] = passage }
        }
        return found
    }
}

extension WrittenCollection {
    /// Commits a passage behind a segment that was lost, without applying it.
    func commitLost() throws {
        let body = Segment.Body(
            [.delete("p1")], of: try collection.manifest(deadline: .soon).identity)
        let epoch = history.count
        _ = try store.put(
            Segment.encode(body, epoch: epoch, time: 0), as: CollectionKey.segment(epoch), if: .absent, deadline: .soon)
    }
}
