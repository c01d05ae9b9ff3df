public import Core
internal import Foundation
internal import ObjectStore
internal import Platform

/// Reads all that a collection consists of, and compares it with its checksums and counts.
///
/// What is damaged or missing is reported, and the work goes on; what a store refuses or cannot do ends it.
public struct CollectionVerifier {
    private let collection: StoredCollection
    private let deadline: Deadline
    /// Gets bytes.
    private let progress: (_ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    private var report = VerificationReport()
    private var total = 0
    /// Whose segments are there, in order.
    private var epochs: [Int] = []

    /// - Parameters:
    ///   - progress: called between pieces of work, with bytes; throws to stop.
    public init(
        _ collection: StoredCollection, deadline: Deadline,
        progress: @escaping (_ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) {
        self.collection = collection
        self.deadline = deadline
        self.progress = progress
    }

    /// A checkpoint that is kept, and whose contents are readable.
    private struct Kept {
        let partition: Int
        let checkpoint: Checkpoint
    }

    /// Verifies the manifest, every checkpoint that it or a snapshot names, and every segment that they need.
    ///
    /// - Throws: `notFound` when there is no collection, what `progress` throws, and as the store.
    public mutating func run() throws(ImpRAGError) -> VerificationReport {
        let objects = try collection.collectionObjects(deadline)
        let stored = try readManifest(hasMore: !objects.isEmpty)
        let retention = stored.map { Retention($0.manifest) }
        let segments = objects.filter { CollectionKey.epoch(ofSegment: $0.key) != nil }
        var named: Set<ObjectKey> = []
        // Without a manifest nothing says what counts: then all that is there is read.
        let wanted = retention.map { retention in
            (stored?.manifest.partitions.indices ?? 0..<0).flatMap { partition in
                retention.checkpoints(of: partition).map { (partition, $0) }
            }
        }
        let kept = try readContents(wanted ?? Self.checkpoints(in: objects), of: stored, &named)
        let read = segments.filter { object in
            guard let epoch = CollectionKey.epoch(ofSegment: object.key) else { return false }
            return retention?.keepsSegment(epoch) ?? true
        }
        total = kept.reduce(0) { $0 + $1.checkpoint.byteCount } + read.reduce(0) { $0 + $1.size }
        if let stored { try readCorpusFiles(stored, &named) }
        for kept in kept { try readFiles(of: kept, &named) }
        try readLog(read, of: stored, &named)
        if let stored {
            try findGaps(stored)
            try findOrphans(objects, named, stored)
        }
        return report
    }

    // MARK: Manifest

    private mutating func readManifest(hasMore: Bool) throws(ImpRAGError) -> StoredManifest? {
        do throws(ImpRAGError) {
            let stored = try collection.manifest(deadline: deadline)
            report.manifest = stored.manifest
            return stored
        } catch {
            if error.code == .notFound, try CollectionDraft.read(from: collection, deadline: deadline) != nil {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(collection.store.name) is not a whole collection yet: run the command again that was making it, or delete it with "
                        + "`imprag collections delete`")
            }
            guard Self.isDamage(error) || error.code == .notFound && hasMore else { throw error }
            report.add(try CollectionKey.manifest.text, error)
            return nil
        }
    }

    private mutating func readCorpusFiles(
        _ stored: StoredManifest, _ named: inout Set<ObjectKey>
    ) throws(ImpRAGError) {
        guard stored.manifest.corpus.filesDigest != nil else { return }
        let key = try CollectionKey.corpus
        named.insert(key)
        do throws(ImpRAGError) {
            _ = try collection.corpusFiles(of: stored.manifest, deadline: deadline)
        } catch {
            guard Self.isDamage(error) else { throw error }
            report.add(key.text, error)
        }
    }

    /// Whether an error speaks of an object, and not of the store.
    private static func isDamage(_ error: ImpRAGError) -> Bool {
        [.dataLoss, .failedPrecondition, .invalidArgument, .resourceExhausted].contains(error.code)
    }

    // MARK: Checkpoints

    private static func checkpoints(in objects: [ListedObject]) -> [(Int, Int)] {
        let name = "/" + Checkpoint.contentsName
        return objects.filter { $0.key.text.hasSuffix(name) }.compactMap { CollectionKey.checkpoint(ofFile: $0.key) }
    }

    private mutating func readContents(
        _ wanted: [(Int, Int)], of stored: StoredManifest?, _ named: inout Set<ObjectKey>
    ) throws(ImpRAGError) -> [Kept] {
        var kept: [Kept] = []
        report.checkpoints = wanted.count
        for (partition, epoch) in wanted {
            try progress(0, 0)
            let key = try CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName)
            named.insert(key)
            do throws(ImpRAGError) {
                let checkpoint = try collection.checkpoint(partition: partition, epoch: epoch, deadline: deadline)
                kept.append(Kept(partition: partition, checkpoint: checkpoint))
                if let stored { try check(checkpoint, key, stored) }
            } catch {
                guard Self.isDamage(error) else { throw error }
                report.add(key.text, error)
            }
        }
        return kept
    }

    private func check(
        _ checkpoint: Checkpoint, _ key: ObjectKey, _ stored: StoredManifest
    ) throws(ImpRAGError) {
        let place = collection.place(of: key)
        guard checkpoint.collection == stored.manifest.collection else {
            throw ImpRAGError(
                .dataLoss,
                "\(place) is of the collection \(checkpoint.collection), and the manifest of \(stored.manifest.collection)"
            )
        }
        // Later ones hold what the log has made of it.
        let indexed = stored.manifest.partitions[checkpoint.partition].passages
        guard checkpoint.epoch > 0 || checkpoint.passages == indexed else {
            throw ImpRAGError(
                .dataLoss,
                "\(place) has \(checkpoint.passages) passages before any update, but the manifest says \(indexed)")
        }
    }

    private mutating func readFiles(of kept: Kept, _ named: inout Set<ObjectKey>) throws(ImpRAGError) {
        for file in kept.checkpoint.files {
            let key = try CollectionKey.checkpoint(
                partition: kept.partition, epoch: kept.checkpoint.epoch, file.objectName)
            named.insert(key)
            let start = report.bytes
            do throws(ImpRAGError) {
                let (total, progress) = (total, progress)
                var done = start
                try collection.read(file, key, deadline) { (bytes) throws(ImpRAGError) in
                    done += bytes.count
                    try progress(done, total)
                }
            } catch {
                guard Self.isDamage(error) else { throw error }
                report.add(key.text, error)
            }
            report.bytes = start + file.bytes
        }
    }

    // MARK: The log

    private mutating func readLog(
        _ objects: [ListedObject], of stored: StoredManifest?, _ named: inout Set<ObjectKey>
    ) throws(ImpRAGError) {
        var foreign: [(epoch: Int, object: ListedObject, error: ImpRAGError)] = []
        for object in objects {
            guard let epoch = CollectionKey.epoch(ofSegment: object.key) else { continue }
            try progress(report.bytes, total)
            report.bytes += object.size
            do throws(ImpRAGError) {
                if let other = try readSegment(object.key, epoch, of: stored) {
                    foreign.append((epoch, object, other))
                    continue
                }
            } catch {
                guard Self.isDamage(error) else { throw error }
                report.add(object.key.text, error)
            }
            named.insert(object.key)
            epochs.append(epoch)
        }
        report.segments = epochs.count
        guard let stored else { return }
        let head = max(stored.manifest.firstEpoch - 1, epochs.max() ?? 0)
        report.epoch = head
        // Behind the last one of its own they are what another collection left, and in nobody's way.
        for (epoch, object, error) in foreign where epoch < head {
            named.insert(object.key)
            report.add(object.key.text, error)
        }
        epochs = (epochs + foreign.map(\.epoch).filter { $0 < head }).sorted()
    }

    /// Reads a whole segment. Returns what is wrong with one that is another collection's.
    private func readSegment(
        _ key: ObjectKey, _ epoch: Int, of stored: StoredManifest?
    ) throws(ImpRAGError) -> ImpRAGError? {
        let place = collection.place(of: key)
        let limit =
            Segment.headerByteCount(groups: Segment.partitionLimit, updates: Segment.updateLimit) + Segment.byteLimit
        guard let bytes = try collection.store.get(key, limit: limit, deadline: deadline)?.bytes else {
            throw ImpRAGError(.dataLoss, "\(place) is missing, although it was listed")
        }
        let header = try Segment.header(of: bytes, size: bytes.count, in: place)
        for group in header.groups {
            _ = try Segment.changes(Array(bytes[group.range]), of: group, in: header, at: place)
        }
        guard header.epoch == epoch else { throw Segment.damaged(place, "it is epoch \(header.epoch)") }
        guard let identity = stored?.identity, header.identity != identity else { return nil }
        if header.identity.id == identity.id {
            throw Segment.damaged(place, "it is of \(header.identity), and the manifest of \(identity)")
        }
        return ImpRAGError(
            .dataLoss, "\(place) belongs to the collection \(header.identity.id), not to \(identity.id)")
    }

    /// Reports segments that must be there and are not.
    ///
    /// A collection that is written to goes on meanwhile: what the manifest does not keep by now may be gone.
    private mutating func findGaps(_ stored: StoredManifest) throws(ImpRAGError) {
        let now = try collection.manifest(deadline: deadline)
        let retention = Retention(now.manifest)
        report.problems.removeAll { problem in
            guard let key = try? ObjectKey(problem.object) else { return false }
            if let (partition, epoch) = CollectionKey.checkpoint(ofFile: key) {
                return partition < now.identity.partitionCount
                    && !retention.keepsCheckpoint(of: partition, at: epoch)
            }
            return CollectionKey.epoch(ofSegment: key).map { !retention.keepsSegment($0) } ?? false
        }
        let head = report.epoch ?? 0
        let snapshots = (stored.manifest.snapshots ?? []).filter { now.manifest.snapshots?.contains($0) ?? false }
        let newest = (stored.manifest.partitions.map(\.checkpoint) + snapshots.map(\.epoch)).max() ?? 0
        var ranges = snapshots.map { ($0.checkpoints.min() ?? $0.epoch, $0.epoch) }
        let oldest = now.manifest.partitions.flatMap { $0.replaced ?? [] }.map(\.epoch).min() ?? .max
        ranges.append((min(now.manifest.firstEpoch - 1, oldest), max(head, newest)))
        var missing: Set<ClosedRange<Int>> = []
        for (start, end) in ranges where start < end {
            var last = start
            for epoch in epochs where epoch > start && epoch <= end {
                if epoch > last + 1 { missing.insert(last + 1...epoch - 1) }
                last = epoch
            }
            if last < end { missing.insert(last + 1...end) }
        }
        for range in missing.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let (first, last) = (
                try CollectionKey.segment(range.lowerBound), try CollectionKey.segment(range.upperBound)
            )
            let what =
                range.count == 1
                ? "\(collection.place(of: first)) is missing"
                : "\(collection.place(of: first)) to \(last) are missing, \(range.count) segments"
            report.add(
                first.text, ImpRAGError(.dataLoss, "\(what), although the log goes up to epoch \(max(head, newest))"))
        }
    }

    // MARK: Orphans

    private mutating func findOrphans(
        _ objects: [ListedObject], _ named: Set<ObjectKey>, _ stored: StoredManifest
    ) throws(ImpRAGError) {
        let draft = try collection.listed(CollectionKey.draft, deadline)
        // A draft beside a manifest is what a run left that was stopped at its very end.
        for object in objects + draft where !named.contains(object.key) {
            if let partition = CollectionKey.partition(ofClaim: object.key),
                partition < stored.identity.partitionCount
            {
                continue
            }
            report.orphans.count += 1
            report.orphans.bytes += object.size
            if report.orphanKeys.count < VerificationReport.orphanKeyLimit {
                report.orphanKeys.append(object.key.text)
            }
        }
    }
}
