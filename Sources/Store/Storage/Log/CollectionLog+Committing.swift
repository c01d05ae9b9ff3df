public import Core
internal import ObjectStore
internal import Synchronization

extension CollectionLog {
    /// Stores that answer over a network repeat what fails until the deadline; for the others an error may have been a
    /// moment's.
    private static let attemptLimit = 4
    /// After as many lost races in a row a listing finds the newest epoch faster.
    private static let lostRaceLimit = 2
    /// Looks for the next epoch before it is tried.
    private static let lookLimit = 4
    /// Disk space to keep free beyond what replicas do.
    private static let reserveBytes = Partition.reserveBytes + 64 << 20
    /// How far back a process reads that has not seen what others committed: whose keys it would know repeated updates
    /// by.
    static let memoryEpochs = 1024
    static let memoryMilliseconds = 10 * 60 * 1000

    /// What one call commits.
    private struct Commit {
        let updates: [LogUpdate]
        /// Where each of them stands, as far as that is settled.
        var places: [LogPlace?]
        /// The segments that this call has read, in order: part of the log if that begins at them or before after they
        /// were read, and not in the memory until then.
        var seen: [Segment.Header] = []
        /// The first of them that an update was found at.
        var foundAt: Int?

        /// Those still to be committed, each key once.
        var open: [Int] {
            var seen: Set<UpdateKey> = []
            return updates.indices.filter { number in
                places[number] == nil && (updates[number].key.map { seen.insert($0).inserted } ?? true)
            }
        }

        /// Settles the updates that are in the log already.
        mutating func find(in memory: LogMemory) {
            for number in updates.indices where places[number] == nil {
                guard let key = updates[number].key else { continue }
                places[number] = memory.place(of: key) ?? seenPlace(of: key)
            }
        }

        private mutating func seenPlace(of key: UpdateKey) -> LogPlace? {
            for header in seen {
                guard let update = header.keys.firstIndex(of: key) else { continue }
                foundAt = min(foundAt ?? header.epoch, header.epoch)
                return LogPlace(epoch: header.epoch, update: update)
            }
            return nil
        }

        /// Settles those that came twice in one call.
        mutating func settleTwins() {
            for number in updates.indices where places[number] == nil {
                let first = updates.firstIndex { $0.key == updates[number].key }
                places[number] = first.flatMap { places[$0] }
            }
        }
    }

    /// Makes the next segment of `updates`, in their order, and returns its epoch; for updates without keys.
    ///
    /// - Throws: as `places`.
    public func commit(_ updates: [LogUpdate], deadline: Deadline) throws(ImpRAGError) -> Int {
        try places(of: updates, deadline: deadline).map(\.epoch).max() ?? 0
    }

    /// Makes the next segment of those of `updates` whose keys are not in the log already, in their order, and returns
    /// where each of them stands. One call at a time; the others wait.
    ///
    /// An update that is committed again, by whomever, with the same key, is found in what was committed lately: all
    /// that this process saw, and when it begins or was left behind the newest `memoryEpochs` or ten minutes. For
    /// before it writes at an epoch it has read the keys of those before.
    ///
    /// The object was absent before: nobody has committed this epoch, or its segment is deleted already, because the
    /// log's beginning has moved past it while this process was paused. So the manifest is read afterwards too. Where
    /// the log still begins at this epoch or before, it did so when the segment was written: the segment counts, and
    /// nobody deletes it until checkpoints hold it. Where the log begins later, it may have been too late, and then
    /// counts nowhere (see `entry`); or it was in time, and checkpoints hold it already. Nobody can tell, so the caller
    /// is told just that: to commit once more might do the update twice. The same with a collection that was closed
    /// meanwhile: whoever closed it may have seen the segment or not.
    ///
    /// - Throws: `invalidArgument` for updates that are empty, too large or cannot be applied, before anything is
    ///   written. `failedPrecondition` when the collection was replaced; the updates are not in the new one.
    ///   `unavailable`, because of `OtherCollection`, when it takes no updates. `unavailable` and `deadlineExceeded`
    ///   when they may be in the log or not: the next commit finds the epoch taken or not, and needs no help.
    public func places(of updates: [LogUpdate], deadline: Deadline) throws(ImpRAGError) -> [LogPlace] {
        try check(updates)
        try requireSpace(for: updates)
        return try committing.withLock { memory throws(ImpRAGError) in
            var commit = Commit(updates: updates, places: updates.map { _ in nil })
            let start = try nextEpoch(memory, &commit, deadline)
            if let (epoch, keys, time, size) = try write(&commit, from: start, memory, deadline) {
                let first = try requireCurrent(min(epoch, commit.foundAt ?? epoch), deadline)
                note(commit.seen, from: first, in: &memory)
                memory.note(epoch, keys: keys, time: time)
                note(epoch, byteCount: size)
                note(epoch)
            } else {
                note(commit.seen, from: try requireCurrent(commit.foundAt ?? .max, deadline), in: &memory)
            }
            commit.settleTwins()
            let places = commit.places.compactMap { $0 }
            precondition(places.count == updates.count, "\(places.count) of \(updates.count) updates have a place")
            return places
        }
    }

    /// Reads what was committed lately, so that the first commit need not.
    ///
    /// - Throws: as `places`.
    public func remember(deadline: Deadline) throws(ImpRAGError) {
        try committing.withLock { memory throws(ImpRAGError) in
            var seen: [Segment.Header] = []
            try fill(&seen, behind: memory, to: head(deadline: deadline), deadline)
            note(seen, from: try manifest(deadline: deadline).manifest.firstEpoch, in: &memory)
        }
    }

    /// The epoch that is free as far as this process knows. The manifest is read for the sake of one that was idle for
    /// long: it would write where the log was once, and not know afterwards what that means.
    private func nextEpoch(
        _ memory: LogMemory, _ commit: inout Commit, _ deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        var head = -1
        // Reading what others committed takes time, in which the log may move on: then the look is a new one.
        for _ in 0..<Self.lookLimit {
            let manifest = try manifest(deadline: deadline).manifest
            try requireOpen(manifest)
            head = max(head, knownHead ?? -1)
            if head < manifest.firstEpoch - 1 { head = try self.head(deadline: deadline) }
            let count = commit.seen.count
            try fill(&commit.seen, behind: memory, to: head, deadline)
            if commit.seen.count == count { break }
        }
        return head + 1
    }

    /// Throws for a collection that takes no updates.
    private func requireOpen(_ manifest: IndexManifest) throws(ImpRAGError) {
        guard let reason = manifest.closure else { return }
        throw ImpRAGError(
            .unavailable, "\(collection.store.name) takes no updates: \(reason)", cause: OtherCollection())
    }

    /// Adds to `seen` the segments up to `epoch` that neither it nor `memory` has; at first those of the last minutes.
    private func fill(
        _ seen: inout [Segment.Header], behind memory: LogMemory, to epoch: Int, _ deadline: Deadline
    ) throws(ImpRAGError) {
        let known = max(memory.through ?? 0, seen.last?.epoch ?? 0)
        // What stands before the log's beginning may have come too late to count.
        let oldest = max(1, epoch - Self.memoryEpochs + 1, known + 1, knownFirst)
        guard oldest <= epoch else { return }
        let since = wallTime() - Self.memoryMilliseconds
        var found: [Segment.Header] = []
        for past in stride(from: epoch, through: oldest, by: -1) {
            let header: Segment.Header?
            do throws(ImpRAGError) {
                header = try self.header(past, deadline)?.header
            } catch {
                // Whoever applies it says so.
                guard error.code == .dataLoss || error.code == .failedPrecondition else { throw error }
                header = nil
            }
            // Deleted, since checkpoints hold it.
            guard let header, header.identity.id == identity.id else {
                if known == 0 { break }
                continue
            }
            found.append(header)
            if known == 0, header.time ?? 0 < since { break }
        }
        seen += found.reversed()
    }

    /// Remembers the segments that are part of the log for certain.
    private func note(_ seen: [Segment.Header], from first: Int, in memory: inout LogMemory) {
        for header in seen where header.epoch >= first {
            memory.note(header.epoch, keys: header.keys, time: header.time)
            note(header.epoch, byteCount: header.byteCount)
        }
    }

    /// What stands in the log since this call.
    private typealias Written = (epoch: Int, keys: [UpdateKey?], time: Int, byteCount: Int)

    /// Creates the segment at the first free epoch, `epoch` or later.
    ///
    /// - Returns: nil when all updates were found instead.
    private func write(
        _ commit: inout Commit, from epoch: Int, _ memory: LogMemory, _ deadline: Deadline
    ) throws(ImpRAGError) -> Written? {
        var (next, condition, lostRaces) = (epoch, PutCondition.absent, 0)
        var made: (open: [Int], body: Segment.Body)?
        while true {
            commit.find(in: memory)
            let open = commit.open
            guard !open.isEmpty else { return nil }
            if made?.open != open {
                made = (open, Segment.Body(open.map { commit.updates[$0] }, of: identity))
            }
            guard let body = made?.body else { return nil }
            let time = max(wallTime(), memory.time, commit.seen.last?.time ?? 0)
            let bytes = Segment.encode(body, epoch: next, time: time)
            switch try put(bytes, next, condition, deadline) {
            case .stored:
                for (update, number) in open.enumerated() {
                    commit.places[number] = LogPlace(epoch: next, update: update)
                }
                return (next, body.keys, time, bytes.count)
            case .lost(to: nil): condition = .absent
            case .lost(to: let winner?):
                let header = try? Segment.header(of: winner.bytes, size: winner.bytes.count, in: "segment \(next)")
                if let header, header.identity.id != identity.id {
                    // Either left by a collection that was here before, and nobody needs it; or committed by one that
                    // replaces ours, and the manifest, read now, says so. Another writer may do the same at this
                    // moment: so only this very version is replaced.
                    _ = try manifest(deadline: deadline)
                    condition = .version(winner.version)
                    continue
                }
                note(next)
                if let header { commit.seen.append(header) }
                (next, condition, lostRaces) = (next + 1, .absent, lostRaces + 1)
                if lostRaces % Self.lostRaceLimit == 0 {
                    note(try head(deadline: deadline))
                    next = try max(next, nextEpoch(memory, &commit, deadline))
                }
            }
        }
    }

    func put(
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

    /// Throws unless what was written at `epoch` is certainly part of the log, and returns where that begins.
    @discardableResult
    private func requireCurrent(_ epoch: Int, _ deadline: Deadline) throws(ImpRAGError) -> Int {
        let now: IndexManifest
        do throws(ImpRAGError) {
            now = try manifest(deadline: deadline).manifest
        } catch {
            // Replaced or deleted: what was written is in no collection.
            if error.code == .failedPrecondition || error.code == .notFound { throw error }
            throw unsettled(epoch, error)
        }
        guard now.firstEpoch <= epoch else {
            throw unsettled(
                epoch, ImpRAGError(.unavailable, "meanwhile the log's beginning has moved to epoch \(now.firstEpoch)"))
        }
        guard let reason = now.closure else { return now.firstEpoch }
        throw unsettled(
            epoch,
            ImpRAGError(
                .unavailable, "meanwhile the collection takes no more updates: \(reason)", cause: OtherCollection()))
    }

    private func unsettled(_ epoch: Int, _ error: ImpRAGError) -> ImpRAGError {
        ImpRAGError(
            error.code == .deadlineExceeded ? .deadlineExceeded : .unavailable,
            "the update may be in the log of \(collection.store.name), at epoch \(epoch), or not; it can be made again: \(error.message)",
            cause: error.cause)
    }

    /// Throws where what is committed could not be applied any more: replicas on the same disk keep some of it free,
    /// too.
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
}
