import Cluster
import Core
import Foundation
import ObjectStore
import Platform
import Storage

/// The collection that a shard serves partitions of, and its replicas on this machine: caches, each of which a
/// checkpoint and the log can replace.
struct ShardReplicas {
    let collection: StoredCollection
    private(set) var manifest: StoredManifest
    /// Where the replicas are.
    let index: IndexDirectory
    private let clock: any Clock
    private let report: @Sendable (String) -> Void

    /// How long the store has to say what the collection is.
    private static let manifestMilliseconds = 60_000
    private static let reportInterval = Duration.seconds(5)

    /// - Parameters:
    ///   - location: the collection: a directory, or `s3://BUCKET/PREFIX`.
    ///   - data: the directory of replicas; nil: `location`.
    ///   - metrics: counts what is asked of the store.
    ///   - report: takes lines for the operator.
    /// - Throws: what `openObjectStore` throws and what is wrong with the manifest.
    init(
        _ location: String, data: String?, metrics: StoreMetrics? = nil, clock: any Clock,
        report: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        // Knows more about what is wrong with a directory.
        let local = location.contains("://") ? nil : try IndexDirectory(path: location)
        // Checkpoints are written and fetched without a deadline: a store that is away must not hold a node up for
        // good.
        let store = try openObjectStore(location, environment: ProcessInfo.processInfo.environment)
        collection = StoredCollection(BoundedStore(metrics.map { MeasuredStore(store, $0) } ?? store))
        manifest = try collection.manifest(deadline: .after(milliseconds: Self.manifestMilliseconds, on: clock))
        self.clock = clock
        self.report = report
        guard let data, data != local?.path else {
            guard let local else {
                throw ImpRAGError(
                    .invalidArgument, "the index \(location) needs a directory for its replicas: \"data\"")
            }
            index = local
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        } catch {
            throw ImpRAGError(.unavailable, "the directory \(data) for replicas cannot be made", cause: error)
        }
        index = IndexDirectory(replicasIn: data, of: manifest)
    }

    /// Takes note of what the log and the checkpoints are by now.
    mutating func refresh() throws(ImpRAGError) { manifest = try currentManifest() }

    /// Opens the replica of a partition for following the log; makes a new one from the newest checkpoint where there
    /// is none, or none that can go on.
    func follow(_ number: Int, cacheBytes: Int) throws(ImpRAGError) -> Partition {
        let path = index.partitionPath(number)
        let (fresh, old) = (path + IndexDirectory.freshSuffix, path + IndexDirectory.oldSuffix)
        guard FileManager.default.fileExists(atPath: path) else {
            try restore(number, to: path)
            removeLeftovers([fresh, old])
            return try index.partition(number, access: .readWrite, cacheBytes: cacheBytes)
        }
        let reason: ImpRAGError
        do throws(ImpRAGError) {
            let partition = try index.partition(number, access: .readWrite, cacheBytes: cacheBytes)
            guard let hindrance = hindrance(partition) else {
                removeLeftovers([fresh, old])
                return partition
            }
            reason = hindrance
        } catch  where error.code == .dataLoss {
            reason = error
        }
        report("\(reason.message); making the replica of partition \(number) anew")
        do throws(ImpRAGError) {
            try restore(number, to: fresh)
        } catch {
            throw ImpRAGError(
                reason.code, "\(reason.message); nor can it be made anew from its checkpoint: \(error.message)",
                cause: error)
        }
        do {
            if FileManager.default.fileExists(atPath: old) { try FileManager.default.removeItem(atPath: old) }
            try FileManager.default.moveItem(atPath: path, toPath: old)
            try FileManager.default.moveItem(atPath: fresh, toPath: path)
            try FileManager.default.removeItem(atPath: old)
        } catch {
            throw ImpRAGError(.unavailable, "\(path) cannot be replaced by a new replica", cause: error)
        }
        return try index.partition(number, access: .readWrite, cacheBytes: cacheBytes)
    }

    /// Why a replica cannot follow the log from where it is; nil when it can.
    private func hindrance(_ partition: Partition) -> ImpRAGError? {
        guard let position = partition.logPosition, position.collection == manifest.identity.id else {
            return ImpRAGError(
                .failedPrecondition, "\(partition.path) belongs to another index than \(collection.store.name)")
        }
        guard position.epoch + 1 >= manifest.manifest.firstEpoch else {
            return ImpRAGError(
                .failedPrecondition,
                "\(partition.path) is at epoch \(position.epoch), and the log begins at \(manifest.manifest.firstEpoch)"
            )
        }
        return nil
    }

    /// Removes what a process left that was stopped while it put a new replica in place.
    private func removeLeftovers(_ paths: [String]) {
        // Worth no error: it is no part of anything.
        for path in paths { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Fetches the newest checkpoint. Other shards may write a newer one meanwhile, and delete this one.
    func restore(_ number: Int, to path: String) throws(ImpRAGError) {
        var epoch = try newestCheckpoint(number)
        while true {
            do throws(ImpRAGError) {
                return try restore(number, at: epoch, to: path)
            } catch {
                guard error.code == .dataLoss else { throw error }
                let newest = try newestCheckpoint(number)
                guard newest > epoch else { throw error }
                epoch = newest
            }
        }
    }

    /// Not that of `manifest`: fetching the partitions before this one may have taken hours.
    func newestCheckpoint(_ number: Int) throws(ImpRAGError) -> Int {
        try currentManifest().manifest.partitions[number].checkpoint
    }

    private func currentManifest() throws(ImpRAGError) -> StoredManifest {
        let now = try collection.manifest(deadline: .after(milliseconds: Self.manifestMilliseconds, on: clock))
        guard now.identity == manifest.identity else {
            throw ImpRAGError(
                .failedPrecondition,
                "the collection \(manifest.identity.id) in \(collection.store.name) was replaced by \(now.identity.id); start this shard again"
            )
        }
        return now
    }

    private func restore(_ number: Int, at epoch: Int, to path: String) throws(ImpRAGError) {
        do {
            // Of a process that was stopped in the middle.
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        } catch {
            throw ImpRAGError(.unavailable, "\(path) cannot be removed", cause: error)
        }
        let start = clock.now
        var told = start
        try collection.restore(partition: number, epoch: epoch, to: path, deadline: .never) { done, total in
            guard clock.now - told > Self.reportInterval else { return }
            told = clock.now
            report("partition \(number): \(ByteCount(done)) of \(ByteCount(total)) fetched")
        }
        report(
            "partition \(number) is fetched from its checkpoint at epoch \(epoch), in \(clock.now - start)")
    }
}
