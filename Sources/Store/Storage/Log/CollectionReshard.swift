public import Core
internal import ObjectStore
internal import Platform
public import VectorIndex
internal import Words

/// How far a collection is spread over more partitions, for people.
public enum ReshardProgress: Sendable {
    /// An old partition is brought back.
    case recovering(RecoveryProgress)
    /// Passages that stand in new partitions.
    case splitting(done: Int, total: Int)
    /// A new partition's vector index is made.
    case indexing(partition: Int, of: Int, step: IndexConstruction.Step, done: Int, total: Int)
    /// A new partition's checkpoint is written.
    case writing(partition: Int, of: Int)
    /// Epochs of the old collection's log that are in the new one's.
    case following(done: Int, total: Int)
}

/// Spreads a collection over a multiple of its partitions: makes a new one with what the old one holds at an epoch.
/// Nothing is embedded again, since a partition is a range of the hashes of ids, and each old one splits into ranges.
///
/// The old collection goes on: a snapshot keeps the epoch and all of the log behind it, which is copied afterwards
/// (`CollectionFollow`). Until that ends the new one takes no updates of its own.
///
/// The manifest comes last. A run that was stopped goes on behind the last old partition that is complete.
public struct CollectionReshard {
    private let source: StoredCollection
    private let stored: StoredManifest
    private let target: StoredCollection
    private let count: Int
    private let scratch: String
    private let threads: Int
    private let codeSize: CodeSize?
    /// New partitions of an old one.
    private let share: Int

    /// Passages that are read at once.
    private static let batchPassages = 4096

    /// - Parameters:
    ///   - stored: the source's manifest.
    ///   - count: partitions of the new collection.
    ///   - scratch: a directory for the meantime, which takes one old partition and what it splits into.
    ///   - threads: for vector indexes.
    ///   - codeSize: of the new vector indexes; nil takes that of the old ones.
    /// - Throws: `invalidArgument` unless `count` is a multiple of what the source has.
    public init(
        of source: StoredCollection, _ stored: StoredManifest, to target: StoredCollection, partitions count: Int,
        scratch: String, threads: Int, codeSize: CodeSize? = nil
    ) throws(ImpRAGError) {
        let old = stored.identity.partitionCount
        guard count > old, count % old == 0, count <= Segment.partitionLimit else {
            throw ImpRAGError(
                .invalidArgument,
                "\(source.store.name) has \(old) partitions, which cannot be split into \(count); twice as many or another "
                    + "multiple, up to \(Segment.partitionLimit), is right")
        }
        (self.source, self.stored, self.target, self.count) = (source, stored, target, count)
        (self.scratch, self.threads, share, self.codeSize) = (scratch, threads, count / old, codeSize)
    }

    /// Of the snapshot that keeps what is worked on.
    static func snapshotName(_ partitions: Int) -> String { "reshard-\(partitions)" }

    /// - Parameter progress: called between pieces of work; throws to stop.
    /// - Returns: the new collection's manifest.
    /// - Throws: `failedPrecondition` when the target holds something else, `dataLoss`, naming the object, when
    ///   something in the source is damaged; and as the stores.
    public func run(
        deadline: Deadline, progress: (ReshardProgress) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> StoredManifest {
        if let there = try follower(deadline) {
            // An earlier run may have been stopped right behind the manifest.
            try target.store.delete(CollectionKey.draft, deadline: deadline)
            return there
        }
        // Before the snapshot: a refusal is to leave nothing in the source.
        var draft = CollectionDraft(
            of: stored.identity.id, at: 0, partitionCount: count, codeBytes: codeSize?.rawValue)
        try draft.check(in: target, deadline: deadline)
        let name = Self.snapshotName(count)
        let stored = try source.keepLog(as: name, deadline: deadline)
        let point = try source.restorePoint(.snapshot(name), of: stored, deadline: deadline)
        draft.epoch = point.epoch
        let id = try draft.begin(in: target, deadline: deadline)
        try withoutActuallyEscaping(progress) { progress throws(ImpRAGError) in
            let recovery = PartitionRecovery(
                collection: source, stored: stored, scratch: scratch, deadline: deadline
            ) { step throws(ImpRAGError) in try progress(.recovering(step)) }
            let total = stored.manifest.passages
            for old in point.checkpoints.indices {
                try split(old, as: id, point, recovery, total: total, progress)
            }
        }
        return try finish(id, point.epoch, deadline)
    }

    /// The new collection, where an earlier run has made it; nil where there is none.
    private func follower(_ deadline: Deadline) throws(ImpRAGError) -> StoredManifest? {
        guard let there = try target.manifestIfThere(deadline: deadline) else { return nil }
        guard there.manifest.follows == stored.manifest.collection, there.identity.partitionCount == count else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(target.store.name) holds a collection already that does not follow \(source.store.name) in \(count) partitions; "
                    + "delete it first, or choose another place")
        }
        let codes = there.manifest.codeBytes ?? CodeSize.usual(dimension: there.manifest.dimension).rawValue
        guard codeSize.map({ $0.rawValue == codes }) ?? true else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(target.store.name) follows \(source.store.name) already, with codes of \(codes) bytes; leave out the size of codes "
                    + "to go on with it, or delete it first")
        }
        return there
    }

    // MARK: One partition

    private func split(
        _ old: Int, as id: CollectionID, _ point: RestorePoint, _ recovery: PartitionRecovery, total: Int,
        _ progress: (ReshardProgress) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        let finished = try CollectionDraft.read(from: target, deadline: recovery.deadline)?.draft.finished ?? [:]
        let numbers = old * share..<(old + 1) * share
        guard !numbers.allSatisfy({ finished[$0] != nil }) else { return }
        let before = finished.values.reduce(0) { $0 + $1.passages }
        defer {
            for number in numbers { try? removeDirectory(path(number)) }
            try? recovery.clear(old)
        }
        for number in numbers { try removeDirectory(path(number)) }
        let partition = try recovery.restore(old, at: point.checkpoints[old])
        try recovery.follow(partition, to: point.epoch)
        let writers = try fill(numbers, from: partition) { done throws(ImpRAGError) in
            try progress(.splitting(done: before + done, total: max(total, before + done)))
        }
        let sample = try partition.calibrationQueries()
        let target = try partition.indexHeader()?.target ?? LivePartition.defaultTarget
        let size = if let codeSize { codeSize } else { try partition.codeSize() }
        let position = LogPosition(collection: id, epoch: point.epoch)
        var made: [Int: IndexManifest.Partition] = [:]
        for (number, writer) in zip(numbers, writers) {
            made[number] = try complete(
                number, writer, at: position, sample, target: target, size, recovery.deadline, progress)
        }
        try CollectionDraft.add(made, to: id, in: self.target, deadline: recovery.deadline)
    }

    private func path(_ number: Int) -> String { "\(scratch)/new-\(IndexDirectory.partitionName(number))" }

    /// Writes the passages of `partition` to the new partitions `numbers`, in the order of its rows.
    private func fill(
        _ numbers: Range<Int>, from partition: Partition, _ tell: (Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [PartitionWriter] {
        let words = stored.manifest.corpus.lexical.flatMap(WordAnalysis.init(rawValue:))
        var writers: [PartitionWriter] = []
        for number in numbers {
            writers.append(
                try PartitionWriter(
                    path: path(number), fingerprint: stored.identity.fingerprint, dimension: partition.dimension,
                    number: number, partitionCount: count, writeBufferBytes: max(1 << 20, (64 << 20) / share / 4),
                    words: words))
        }
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        let dimension = partition.dimension
        for start in stride(from: 0, to: rows.count, by: Self.batchPassages) {
            try tell(start)
            let some = Array(rows[start..<min(start + Self.batchPassages, rows.count)])
            // Those of rows that are gone are left out.
            let vectors = try partition.loadVectors(in: some[0]..<some[some.count - 1] + 1)
            guard vectors.count == some.count * dimension else {
                throw ImpRAGError(
                    .dataLoss,
                    "\(partition.path) has \(vectors.count / dimension) vectors of the \(some.count) passages from row \(some[0])"
                )
            }
            var passages = [[Passage]](repeating: [], count: share)
            var values = [[BFloat16]](repeating: [], count: share)
            for (number, passage) in try partition.passages(rows: some).enumerated() {
                guard let passage else {
                    throw ImpRAGError(.dataLoss, "\(partition.path) lacks the passage of its row \(some[number])")
                }
                let place = PartitionRouting.partition(of: passage.id, partitionCount: count) - numbers.lowerBound
                passages[place].append(passage)
                values[place] += vectors[number * dimension..<(number + 1) * dimension]
            }
            for (place, writer) in writers.enumerated() {
                try writer.append(passages[place], vectors: values[place])
            }
        }
        try tell(rows.count)
        return writers
    }

    /// Makes a filled partition's vector index, and its checkpoint in the target.
    private func complete(
        _ number: Int, _ writer: PartitionWriter, at position: LogPosition, _ sample: SampleQueries?,
        target recall: Double, _ codeSize: CodeSize, _ deadline: Deadline,
        _ progress: (ReshardProgress) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> IndexManifest.Partition {
        let checksum = try writer.finish()
        let partition = try Partition(path: writer.path, access: .readWrite)
        try partition.setCodeSize(codeSize)
        if try IndexConstruction.isNeeded(for: partition) {
            _ = try IndexConstruction(partition, target: recall, threads: threads).run(generation: 1, sample: sample) {
                step, done, total throws(ImpRAGError) in
                try progress(.indexing(partition: number, of: count, step: step, done: done, total: total))
            }
            try partition.flush()
        }
        let calibration = try LivePartition(partition).calibration
        try partition.record(position)
        try progress(.writing(partition: number, of: count))
        _ = try target.writeCheckpoint(
            of: partition, scratch: path(number) + IndexDirectory.scratchSuffix, deadline: deadline
        ) { () throws(ImpRAGError) in try progress(.writing(partition: number, of: count)) }
        return IndexManifest.Partition(
            directory: IndexDirectory.partitionName(number), passages: writer.count, checksum: checksum.description,
            checkpoint: position.epoch, calibration: calibration?.entries)
    }

    // MARK: The end

    /// Writes the manifest.
    private func finish(_ id: CollectionID, _ epoch: Int, _ deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        let draft = try CollectionDraft.read(from: target, deadline: deadline)?.draft
        let partitions = (0..<count).compactMap { draft?.finished?[$0] }
        guard draft?.collection == id.description, partitions.count == count else {
            throw ImpRAGError(
                .failedPrecondition, "another run has taken \(target.store.name) over; nothing was completed here")
        }
        var manifest = stored.manifest
        manifest.collection = id.description
        manifest.firstEpoch = epoch + 1
        manifest.partitions = partitions
        (manifest.snapshots, manifest.isClosed) = (nil, nil)
        manifest.follows = stored.manifest.collection
        if let codeSize { manifest.codeBytes = codeSize.rawValue }
        return try CollectionDraft.finish(
            manifest, in: target, with: source.corpusFiles(of: stored.manifest, deadline: deadline), deadline: deadline)
    }
}

extension StoredCollection {
    /// Has a snapshot of the newest epoch that keeps all of the log behind it too; one that is there stays as it is.
    func keepLog(as name: String, deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        let now = try manifest(deadline: deadline)
        if now.manifest.snapshots?.contains(where: { $0.name == name && $0.keepsLog == true }) ?? false { return now }
        _ = try createSnapshot(name, keepsLog: true, deadline: deadline)
        return try manifest(deadline: deadline)
    }
}
