public import Core
internal import ObjectStore

/// Copies the log of a collection into that of another one, which was made of it and has other partitions, and ends
/// that so that no acknowledged update is lost:
///
/// 1. The new one's log is brought up to the old one's (`catchUp`), as often as one likes. Epochs, updates, their keys
///    and their times are the same; only the groups differ.
/// 2. The old one is closed (`close`): its manifest says so. A commit reads the manifest before and after it writes, so
///    whatever is acknowledged was written before the old one was closed.
/// 3. What is in the old log then is copied. It is all that was ever acknowledged.
/// 4. The alias moves.
/// 5. The new one is opened (`open`). Who was refused in between, or told that an update may be in the log or not,
///    sends it again, to the new one: it knows the keys of the old one's updates.
///
/// Each step may be repeated, so a run that was stopped is begun again. One that was stopped within the last of them
/// finds the new one open, and has `release` left to do.
public struct CollectionFollow {
    private let source: StoredCollection
    private let target: StoredCollection
    private let from: CollectionLog
    private let to: CollectionLog

    /// - Throws: `failedPrecondition` unless the target follows the source.
    public init(of source: StoredCollection, to target: StoredCollection, deadline: Deadline) throws(ImpRAGError) {
        let (old, new) = (try source.manifest(deadline: deadline), try target.manifest(deadline: deadline))
        (self.source, self.target) = (source, target)
        (from, to) = (CollectionLog(source, old), CollectionLog(target, new))
        try requireFollower(new)
    }

    private func requireFollower(_ stored: StoredManifest) throws(ImpRAGError) {
        guard stored.manifest.follows == from.identity.id.description else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(target.store.name) does not follow \(source.store.name) (any more), and takes updates of its own")
        }
    }

    /// Copies what the old log has by now.
    ///
    /// - Parameter progress: called before each epoch; throws to stop.
    /// - Returns: how many epochs were copied.
    /// - Throws: `dataLoss` when a segment is missing or damaged, and as the stores.
    public func catchUp(
        deadline: Deadline, progress: (_ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> Int {
        try requireFollower(try to.manifest(deadline: deadline))
        let (start, end) = (try to.head(deadline: deadline), try from.head(deadline: deadline))
        guard start < end else { return 0 }
        for epoch in start + 1...end {
            try progress(epoch - start - 1, end - start)
            try copy(epoch, deadline)
        }
        return end - start
    }

    private func copy(_ epoch: Int, _ deadline: Deadline) throws(ImpRAGError) {
        let entry: LogEntry
        switch try from.read(epoch, Set(0..<from.identity.partitionCount), deadline) {
        case .entry(let found): entry = found
        case .nothing(let why):
            throw ImpRAGError(.dataLoss, "\(try from.place(of: epoch)) \(why), although the log goes on behind it")
        }
        let body = Segment.Body(entry.updates, of: to.identity)
        let bytes = Segment.encode(body, epoch: epoch, time: entry.time ?? 0)
        switch try to.put(bytes, epoch, .absent, deadline) {
        case .stored: return
        case .lost(let winner):
            // Another run's; nobody else writes there.
            let header = winner.flatMap {
                try? Segment.header(of: $0.bytes, size: $0.bytes.count, in: "segment \(epoch)")
            }
            guard header?.identity.id == to.identity.id else {
                throw ImpRAGError(
                    .failedPrecondition, "\(try to.place(of: epoch)) is another collection's; delete it first")
            }
        }
    }

    /// Closes the old collection, and copies what it took until then.
    ///
    /// - Throws: as `catchUp`.
    public func close(
        deadline: Deadline, progress: (_ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        try source.setClosed(true, deadline: deadline)
        _ = try catchUp(deadline: deadline, progress: progress)
    }

    /// Lets the new collection take updates, and the old one keep no more than it needs.
    ///
    /// - Throws: as `StoredCollection.update`.
    public func open(deadline: Deadline) throws(ImpRAGError) {
        // First: until then updates are refused, and deleting takes its time.
        try target.setClosed(false, deadline: deadline)
        try Self.release(source, partitions: to.identity.partitionCount, deadline: deadline)
    }

    /// Lets the old collection keep no more than it needs, now that nothing follows it in `partitions` partitions.
    ///
    /// - Throws: as `StoredCollection.update`.
    public static func release(
        _ source: StoredCollection, partitions: Int, deadline: Deadline
    ) throws(ImpRAGError) {
        let name = CollectionReshard.snapshotName(partitions)
        do throws(ImpRAGError) {
            _ = try source.deleteSnapshot(name, deadline: deadline)
        } catch {
            guard error.code == .notFound else { throw error }
        }
    }
}

extension LogEntry {
    /// The segment's updates, as far as its changes were asked for. The partitions of an update have no order among
    /// them: their ids differ.
    var updates: [LogUpdate] {
        var changed = [[PassageChange]](repeating: [], count: updateCount)
        for partition in changes.keys.sorted() {
            for logged in changes[partition] ?? [] { changed[logged.update].append(logged.change) }
        }
        return zip(changed, keys).map { LogUpdate($0, key: $1) }
    }
}
