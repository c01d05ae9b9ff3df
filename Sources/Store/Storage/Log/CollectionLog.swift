public import Core
internal import ObjectStore
internal import Synchronization

/// The log of a collection: one segment an epoch, without gaps, made by any number of writers of which none leads.
///
/// Whoever creates the object of an epoch has committed it, and whoever finds it taken tries the next. Two facts make
/// that right, and this type keeps the second:
///
/// - A segment never changes, and goes only after the manifest's `firstEpoch` has passed it. `firstEpoch` never goes
///   back, and a collection that was replaced never comes back under its id.
/// - A process may be paused for hours between any two of its steps. So what it believed before a step is looked up
///   again after it: see `commit` and `entry`.
///
/// Any thread may call.
public final class CollectionLog: Sendable {
    public let identity: CollectionIdentity
    let collection: StoredCollection
    private let known: Mutex<Known>
    /// Held by the one commit that runs; knows what was committed lately, by anybody.
    let committing = Mutex(LogMemory())
    /// Milliseconds since 1970.
    let wallTime: @Sendable () -> Int

    /// What was true once; all of it only grows.
    private struct Known {
        var manifest: StoredManifest
        /// An epoch whose segment was there; nil before the first look.
        var head: Int?
        var sizes = LogSizes()
    }

    /// What a listing brings at once.
    private static let pageCount = 1000
    /// What is read of a segment first: the header of 1,168 groups; usually all.
    static let firstReadByteCount = 64 << 10

    /// - Parameters:
    ///   - manifest: of `collection`, however old.
    ///   - wallTime: milliseconds since 1970, for the segments that are written.
    public init(
        _ collection: StoredCollection, _ manifest: StoredManifest,
        wallTime: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) {
        self.collection = collection
        self.wallTime = wallTime
        identity = manifest.identity
        known = Mutex(Known(manifest: manifest))
    }

    /// The manifest as it is now.
    ///
    /// - Throws: `failedPrecondition` when it is another collection's by now, and as `StoredCollection.manifest`.
    public func manifest(deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        let now = try collection.manifest(after: known.withLock { $0.manifest }, deadline)
        guard now.identity == identity else {
            throw ImpRAGError(
                .failedPrecondition,
                "the collection \(identity.id) in \(collection.store.name) was replaced by \(now.identity.id); start again what used it"
            )
        }
        known.withLock { known in
            if now.manifest.firstEpoch >= known.manifest.manifest.firstEpoch { known.manifest = now }
        }
        return now
    }

    /// The newest epoch in the store; at least `firstEpoch` - 1.
    ///
    /// - Throws: as `manifest`.
    public func head(deadline: Deadline) throws(ImpRAGError) -> Int {
        let first = try manifest(deadline: deadline).manifest.firstEpoch
        let start = max(first - 1, known.withLock { $0.head } ?? 0)
        var epochs: [Int] = []
        var last = try CollectionKey.segment(start)
        while true {
            let page = try collection.store.list(
                CollectionKey.logPrefix, after: last, limit: Self.pageCount, deadline: deadline)
            epochs += page.compactMap { CollectionKey.epoch(ofSegment: $0.key) }
            guard page.count == Self.pageCount, let next = page.last?.key else { break }
            last = next
        }
        // From the back: what another collection left behind is no segment of this one.
        while let epoch = epochs.last, try isForeign(epoch, deadline) { epochs.removeLast() }
        let head = epochs.last ?? start
        note(head)
        return head
    }

    /// Where the log began when this process looked last.
    var knownFirst: Int { known.withLock { $0.manifest.manifest.firstEpoch } }

    /// The newest epoch that was there once; nil before the first look.
    var knownHead: Int? { known.withLock { $0.head } }

    /// Bytes of the segments after `epoch`, as far as this process has seen them when it committed.
    public func knownBytes(after epoch: Int) -> Int { known.withLock { $0.sizes.bytes(after: epoch) } }

    func note(_ epoch: Int, byteCount: Int) {
        known.withLock { $0.sizes.note(epoch, byteCount: byteCount) }
    }

    func note(_ epoch: Int) { known.withLock { $0.head = max($0.head ?? 0, epoch) } }

    /// Whether an epoch's segment is another collection's beyond doubt: one that is damaged is not.
    private func isForeign(_ epoch: Int, _ deadline: Deadline) throws(ImpRAGError) -> Bool {
        do throws(ImpRAGError) {
            return try header(epoch, deadline).map { $0.header.identity.id != identity.id } ?? false
        } catch {
            guard error.code == .dataLoss || error.code == .failedPrecondition else { throw error }
            return false
        }
    }

    // MARK: Reading

    /// The changes to `partitions` in the segment of `epoch`; nil when there is none yet.
    ///
    /// The manifest is read after the segment: one that a process made which was paused, at an epoch that the log had
    /// left behind, is never taken for a part of the log, nor a segment that is gone for one that is still to come.
    ///
    /// - Throws: `failedPrecondition` when the log begins after `epoch` by now, so that only a checkpoint has what
    ///   stood there, or the collection was replaced. `dataLoss`, naming the object, when it is damaged, another
    ///   collection's, or missing although a later one is known.
    public func entry(
        _ epoch: Int, partitions: Set<Int>, deadline: Deadline
    ) throws(ImpRAGError) -> LogEntry? {
        // Before the read: what is committed while it works need not be found by it.
        let head = known.withLock { $0.head }
        let found = Result { () throws(ImpRAGError) in try read(epoch, partitions, deadline) }
        let first = try manifest(deadline: deadline).manifest.firstEpoch
        guard epoch >= first else {
            throw ImpRAGError(
                .failedPrecondition,
                "the log in \(collection.store.name) begins at epoch \(first): what came at \(epoch) is only in its checkpoints"
            )
        }
        switch try found.get() {
        case .entry(let entry):
            known.withLock { known in known.head = known.head.map { max($0, epoch) } }
            return entry
        case .nothing(let why):
            guard let head, head >= epoch else { return nil }
            throw ImpRAGError(
                .dataLoss,
                "\(collection.place(of: try CollectionKey.segment(epoch))) \(why), although the log goes up to epoch \(head)"
            )
        }
    }

    enum Found {
        case entry(LogEntry)
        /// And why, as in `is missing`.
        case nothing(String)
    }

    /// What messages call the segment of `epoch`.
    func place(of epoch: Int) throws(ImpRAGError) -> String {
        collection.place(of: try CollectionKey.segment(epoch))
    }

    /// What stands at `epoch`, whether it is part of the log or not.
    func read(_ epoch: Int, _ partitions: Set<Int>, _ deadline: Deadline) throws(ImpRAGError) -> Found {
        guard let (header, start) = try header(epoch, deadline) else { return .nothing("is missing") }
        guard header.identity.id == identity.id else {
            return .nothing("belongs to the collection \(header.identity.id), not to \(identity.id)")
        }
        let key = try CollectionKey.segment(epoch)
        let place = collection.place(of: key)
        guard header.identity == identity, header.epoch == epoch else {
            throw Segment.damaged(
                place,
                "it is epoch \(header.epoch) of \(header.identity), and should be epoch \(epoch) of \(identity)")
        }
        let wanted = header.groups.filter { partitions.contains($0.partition) }
        var changes: [Int: [LoggedChange]] = [:]
        for run in Segment.runs(of: wanted) {
            let range = run[0].range.lowerBound..<run[run.count - 1].range.upperBound
            var piece = start[range.clamped(to: 0..<start.count)]
            if piece.count < range.count {
                piece = try collection.store.read(key, range, deadline: deadline)?.bytes[...] ?? []
            }
            for group in run {
                let bytes = piece.dropFirst(group.range.lowerBound - range.lowerBound).prefix(group.range.count)
                changes[group.partition] = try Segment.changes(Array(bytes), of: group, in: header, at: place)
            }
        }
        return .entry(
            LogEntry(
                epoch: epoch, updateCount: header.updateCount, time: header.time, keys: header.keys,
                byteCount: header.byteCount, changes: changes))
    }

    /// A segment's header, and the bytes that were read with it, from the first on; nil where there is no segment.
    func header(
        _ epoch: Int, _ deadline: Deadline
    ) throws(ImpRAGError) -> (header: Segment.Header, start: [UInt8])? {
        let key = try CollectionKey.segment(epoch)
        let place = collection.place(of: key)
        guard let part = try collection.store.read(key, 0..<Self.firstReadByteCount, deadline: deadline) else {
            return nil
        }
        var bytes = part.bytes
        let count = try Segment.headerByteCount(bytes, size: part.size, in: place)
        if bytes.count < count {
            bytes += try collection.store.read(key, bytes.count..<count, deadline: deadline)?.bytes ?? []
        }
        return (try Segment.header(of: bytes, size: part.size, in: place), bytes)
    }
}
