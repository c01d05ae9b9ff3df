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
    private let collection: StoredCollection
    private let known: Mutex<Known>
    /// Held by the one commit that runs.
    private let committing = Mutex<Void>(())

    /// What was true once; all of it only grows.
    private struct Known {
        var manifest: StoredManifest
        /// An epoch whose segment was there; nil before the first look.
        var head: Int?
    }

    /// Stores that answer over a network repeat what fails until the deadline; for the others an error may have been a
    /// moment's.
    private static let attemptLimit = 4
    /// After as many lost races in a row a listing finds the newest epoch faster.
    private static let lostRaceLimit = 2
    /// Disk space to keep free beyond what replicas do.
    private static let reserveBytes = Partition.reserveBytes + 64 << 20
    /// What a listing brings at once.
    private static let pageCount = 1000
    /// What is read of a segment first: the header of 1,168 groups; usually all.
    static let firstReadByteCount = 64 << 10

    /// - Parameter manifest: of `collection`, however old.
    public init(_ collection: StoredCollection, _ manifest: StoredManifest) {
        self.collection = collection
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

    private func note(_ epoch: Int) { known.withLock { $0.head = max($0.head ?? 0, epoch) } }

    /// Whether an epoch's segment is another collection's beyond doubt: one that is damaged is not.
    private func isForeign(_ epoch: Int, _ deadline: Deadline) throws(ImpRAGError) -> Bool {
        do throws(ImpRAGError) {
            return try header(epoch, deadline).map { $0.header.identity.id != identity.id } ?? false
        } catch {
            guard error.code == .dataLoss || error.code == .failedPrecondition else { throw error }
            return false
        }
    }

    // MARK: Committing

    /// Makes the next segment of `updates`, in their order, and returns its epoch. One call at a time; the others wait.
    ///
    /// The object was absent before: nobody has committed this epoch, or its segment is deleted already, because the
    /// log's beginning has moved past it while this process was paused. So the manifest is read afterwards too. Where
    /// the log still begins at this epoch or before, it did so when the segment was written: the segment counts, and
    /// nobody deletes it until checkpoints hold it. Where the log begins later, it may have been too late, and then
    /// counts nowhere (see `entry`); or it was in time, and checkpoints hold it already. Nobody can tell, so the caller
    /// is told just that: to commit once more might do the update twice.
    ///
    /// - Throws: `invalidArgument` for updates that are empty, too large or cannot be applied, before anything is
    ///   written. `failedPrecondition` when the collection was replaced; the updates are not in the new one.
    ///   `unavailable` and `deadlineExceeded` when they may be in the log or not: the next commit finds the epoch taken
    ///   or not, and needs no help.
    public func commit(_ updates: [LogUpdate], deadline: Deadline) throws(ImpRAGError) -> Int {
        try check(updates)
        try requireSpace(for: updates)
        let body = Segment.Body(updates, of: identity)
        return try committing.withLock { _ throws(ImpRAGError) in
            let epoch = try write(body, from: nextEpoch(deadline), deadline)
            try requireCurrent(epoch, deadline)
            note(epoch)
            return epoch
        }
    }

    /// The epoch that is free as far as this process knows. The manifest is read for the sake of one that was idle for
    /// long: it would write where the log was once, and not know afterwards what that means.
    private func nextEpoch(_ deadline: Deadline) throws(ImpRAGError) -> Int {
        let first = try manifest(deadline: deadline).manifest.firstEpoch
        if let head = known.withLock({ $0.head }), head >= first - 1 { return head + 1 }
        return try head(deadline: deadline) + 1
    }

    /// Creates the segment at the first free epoch, `epoch` or later.
    private func write(_ body: Segment.Body, from epoch: Int, _ deadline: Deadline) throws(ImpRAGError) -> Int {
        var (epoch, condition, lostRaces) = (epoch, PutCondition.absent, 0)
        while true {
            switch try put(Segment.encode(body, epoch: epoch), epoch, condition, deadline) {
            case .stored: return epoch
            case .lost(to: nil): condition = .absent
            case .lost(to: let winner?):
                if isForeign(winner, epoch) {
                    // Either left by a collection that was here before, and nobody needs it; or committed by one that
                    // replaces ours, and the manifest, read now, says so. Another writer may do the same at this moment:
                    // so only this very version is replaced.
                    _ = try manifest(deadline: deadline)
                    condition = .version(winner.version)
                    continue
                }
                note(epoch)
                (epoch, condition, lostRaces) = (epoch + 1, .absent, lostRaces + 1)
                if lostRaces % Self.lostRaceLimit == 0 { epoch = try max(epoch, head(deadline: deadline) + 1) }
            }
        }
    }

    private func isForeign(_ object: StoredObject, _ epoch: Int) -> Bool {
        let header = try? Segment.header(of: object.bytes, size: object.bytes.count, in: "segment \(epoch)")
        return header.map { $0.identity.id != identity.id } ?? false
    }

    private func put(
        _ bytes: [UInt8], _ epoch: Int, _ condition: PutCondition, _ deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        let key = try CollectionKey.segment(epoch)
        try deadline.check("committing to \(collection.place(of: key))")
        var attempts = 0
        while true {
            do throws(ImpRAGError) {
                return try collection.store.put(bytes, as: key, if: condition, deadline: deadline)
            } catch {
                let isUnsettled = error.code == .unavailable || error.code == .deadlineExceeded
                // After one that may have succeeded no refusal is the whole truth.
                guard isUnsettled || attempts > 0 else { throw error }
                attempts += 1
                guard isUnsettled, attempts < Self.attemptLimit, !deadline.hasPassed else {
                    throw unsettled(epoch, error)
                }
            }
        }
    }

    /// Throws unless what was written at `epoch` is certainly part of the log.
    private func requireCurrent(_ epoch: Int, _ deadline: Deadline) throws(ImpRAGError) {
        let first: Int
        do throws(ImpRAGError) {
            first = try manifest(deadline: deadline).manifest.firstEpoch
        } catch {
            // Replaced or deleted: what was written is in no collection.
            if error.code == .failedPrecondition || error.code == .notFound { throw error }
            throw unsettled(epoch, error)
        }
        guard first <= epoch else {
            throw unsettled(
                epoch, ImpRAGError(.unavailable, "meanwhile the log's beginning has moved to epoch \(first)"))
        }
    }

    private func unsettled(_ epoch: Int, _ error: ImpRAGError) -> ImpRAGError {
        ImpRAGError(
            error.code == .deadlineExceeded ? .deadlineExceeded : .unavailable,
            "the update may be in the log of \(collection.store.name), at epoch \(epoch), or not; it can be made again: \(error.message)",
            cause: error.cause)
    }

    /// Throws where what is committed could not be applied any more: replicas on the same disk keep some of it free, too.
    private func requireSpace(for updates: [LogUpdate]) throws(ImpRAGError) {
        let needed = ByteCount(Self.reserveBytes + updates.reduce(0) { $0 + 4 * $1.byteCount })
        guard let available = collection.store.availableSpace, available < needed else { return }
        throw ImpRAGError(
            .resourceExhausted,
            "the disk of \(collection.store.name) has \(available) left, and this update needs \(needed) to be safe; nothing was "
                + "written, make room and send it again")
    }

    private func check(_ updates: [LogUpdate]) throws(ImpRAGError) {
        var problems: [String] = []
        if !(1...Segment.updateLimit).contains(updates.count) {
            problems.append("\(updates.count) updates are committed at once; 1 to \(Segment.updateLimit) are possible")
        }
        let bytes = updates.reduce(0) { $0 + $1.byteCount }
        if bytes > Segment.byteLimit {
            problems.append(
                "the updates have \(ByteCount(bytes)); at most \(ByteCount(Segment.byteLimit)) are committed at once")
        }
        for (number, update) in updates.enumerated() {
            if update.changes.isEmpty { problems.append("update \(number) changes nothing") }
            for change in update.changes {
                problems += Segment.problems(of: change, dimension: identity.dimension).map {
                    "'\(change.id.prefix(64))': \($0)"
                }
            }
        }
        guard problems.isEmpty else {
            let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
            throw ImpRAGError(.invalidArgument, problems.prefix(5).joined(separator: "; ") + more)
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
                epoch: epoch, updateCount: header.updateCount, byteCount: header.byteCount, changes: changes))
    }

    /// A segment's header, and the bytes that were read with it, from the first on; nil where there is no segment.
    private func header(
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
