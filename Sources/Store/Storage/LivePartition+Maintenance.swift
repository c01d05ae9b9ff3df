public import Core
internal import Kernels
internal import Synchronization
internal import VectorIndex

/// Keeps the index in shape while it changes. `MaintenancePolicy` decides what to do; this does it.
///
/// Searches never wait. Whoever changes lists holds `lists` for one bounded piece of work: some thousand rows, some
/// lists, or putting a new index in place of the old one. Nothing is learned, measured or paused under it, so that an
/// update that finds no room waits for a fraction of a second, not for a training.
extension LivePartition {
    /// How far below its target the measured recall may be.
    private static let tolerance = 0.01
    /// Lists that are compacted in one piece of work.
    private static let compactedLists = 16
    /// Rows that are read and coded together for an index that is being built.
    private static let caughtUpRows = 4096
    /// How often an index that is being built catches up with updates before it is put in place whatever came since.
    private static let catchUpRounds = 8

    /// Does the most urgent piece of work on the vector index and, when there is none, goes a step through the lexical
    /// index.
    ///
    /// - Parameter pause: called between pieces of work, under no lock; sleeps as the owner likes, or throws to stop.
    ///   Nothing is lost then.
    /// - Returns: false when there is nothing to do.
    public func maintain(pause: @Sendable () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Bool {
        do throws(ImpRAGError) {
            if try maintainVectors(pause: pause) { return true }
        } catch {
            // A shortage of memory is no reason to let words wait.
            guard error.code == .resourceExhausted, try maintainWords(pause: pause) else { throw error }
            return true
        }
        return try maintainWords(pause: pause)
    }

    private func maintainVectors(pause: @Sendable () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Bool {
        let state = self.state.withLock { $0 }
        let sample = state.header.flatMap(queriesToCalibrate)
        switch policy(state, needsCalibration: sample != nil).decision {
        case .nothing: return false
        case .forget:
            try forgetDead()
            try pause()
        case .absorb:
            try absorb()
            try pause()
        case .compact: try compact(pause: pause)
        case .calibrate:
            if let sample { try calibrate(sample, pause: pause) }
        case .rebuild: return try rebuild(pause: pause)
        case .outOfMemory:
            if let shortage = memoryShortage { throw shortage }
            return false
        }
        return true
    }

    private func policy(_ state: State, needsCalibration: Bool) -> MaintenancePolicy {
        let snapshot = state.snapshot
        return MaintenancePolicy(
            live: snapshot.live.count, flat: snapshot.flat.count,
            flatDead: snapshot.flat.deadRows(below: .max, live: snapshot.live).count,
            flatLimit: IndexConstruction.flatLimit(dimension: partition.dimension),
            lists: state.header.map { header in
                MaintenancePolicy.Lists(
                    coded: snapshot.coded?.count ?? 0, trainedRows: header.trainedRows,
                    trainedError: header.trainedError, recentError: header.recentError)
            },
            hasMemory: memoryShortage(withVectors: false) == nil, needsCalibration: needsCalibration)
    }

    // MARK: Rows and lists

    /// Drops replaced and deleted rows of a partition without an index.
    func forgetDead() throws(ImpRAGError) {
        try lists.withLock { _ throws(ImpRAGError) in
            guard codedState == nil else { return }
            // Under the lock of updates, so that no row is on its way into the flat part.
            let dead = updates.withLock { _ in
                state.withLock { state -> [Int] in
                    let (flat, live) = (state.snapshot.flat, state.snapshot.live)
                    state.snapshot.flat = flat.keeping(live)
                    return flat.deadRows(below: .max, live: live)
                }
            }
            try purge(dead)
        }
    }

    /// Codes all rows that have no list and writes the lists that they belong to, without their dead vectors.
    func absorb() throws(ImpRAGError) {
        try lists.withLock { _ throws(ImpRAGError) in
            // Under the lock of updates, so that no row below the limit is still on its way.
            let (flat, end) = updates.withLock { _ in (state.withLock { $0.snapshot.flat }, partition.rowLimit) }
            guard let (coded, header) = codedState, flat.count > 0 else { return }
            let live = state.withLock { $0.snapshot.live }
            let (rows, vectors) = flat.rows(in: live)
            let (changes, error) = coded.changes(adding: rows, vectors: vectors, live: live, pool: pool)
            var next = header
            next.indexedRows = end
            next.follow(error, rows: rows.count)
            try replace(changes, in: coded, next, live: live)
        }
    }

    /// Rewrites lists without their dead vectors, some at a time.
    private func compact(pause: @Sendable () throws(ImpRAGError) -> Void) throws(ImpRAGError) {
        guard let (_, first) = codedState else { return }
        var next = 0
        var isDone = false
        while !isDone {
            try lists.withLock { _ throws(ImpRAGError) in
                guard let (coded, header) = codedState, header.generation == first.generation,
                    next < coded.lists.count
                else {
                    isDone = true
                    return
                }
                let range = next..<min(next + Self.compactedLists, coded.lists.count)
                let live = state.withLock { $0.snapshot.live }
                let changes = coded.changes(compacting: range, live: live)
                if !changes.isEmpty { try replace(changes, in: coded, header, live: live) }
                next = range.upperBound
            }
            try pause()
        }
    }

    /// Puts new contents into lists, on the disk and then in memory, and gives the space back of what no list holds any
    /// more. Rows that `header` has in lists leave the flat part.
    private func replace(
        _ changes: ListIndex.Changes, in coded: ListIndex, _ header: VectorIndexHeader, live: RowSet
    ) throws(ImpRAGError) {
        var changed = coded
        changed.apply(changes)
        changed.seal()
        var next = header
        next.residentBytes = changed.residentBytes.bytes
        let (written, removed) = changed.blocks(of: changes.keys, replacing: coded, generation: header.generation)
        try partition.writeIndex(written, removing: removed, header: next, synced: true)
        let leaving = show(changed, next, live: live)
        // No list holds them now, neither here nor on the disk, and rows are never used again.
        try purge(coded.deadRows(of: changes.keys, live: live) + leaving)
    }

    /// Has searches use `coded`. Returns the rows outside of `live` that leave the flat part.
    private func show(_ coded: ListIndex, _ header: VectorIndexHeader, live: RowSet) -> [Int] {
        state.withLock { state in
            let leaving = state.snapshot.flat.deadRows(below: header.indexedRows, live: live)
            state.snapshot.coded = coded
            state.snapshot.flat = state.snapshot.flat.dropping(below: header.indexedRows)
            state.header = header
            return leaving
        }
    }

    /// Gives the space of rows back that nothing holds any more, some at a time.
    private func purge(_ rows: [Int]) throws(ImpRAGError) {
        for first in stride(from: 0, to: rows.count, by: 1 << 16) {
            try partition.purge(rows: Array(rows[first..<min(first + 1 << 16, rows.count)]))
        }
    }

    // MARK: Calibration

    /// The sampled searches, once there are enough, if they call for a new calibration: because their recall is too
    /// low, or because the old one was made without real queries.
    private func queriesToCalibrate(_ header: VectorIndexHeader) -> SampleQueries? {
        guard defaults.probes == nil, defaults.candidates == nil else { return nil }
        let target = defaults.recall ?? header.target
        return samples.withLock { samples in
            let isForeign = [.passages, .prompts].contains(header.calibration.source)
            let isDue = isForeign && samples.count >= SampleQueries.limit
            return isDue || samples.areBelow(target - Self.tolerance) ? samples.queries : nil
        }
    }

    /// Recalibrates: measures which effort reaches which recall, with `sample`.
    private func calibrate(
        _ sample: SampleQueries, pause: @Sendable () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        let (snapshot, generation) = state.withLock { ($0.snapshot, $0.header?.generation) }
        let calibration = try Calibrator(snapshot: snapshot, source: source, pool: pool).run(
            sample: sample, pause: pause
        ) { _ throws(ImpRAGError) in try pause() }
        try lists.withLock { _ throws(ImpRAGError) in
            guard let (_, header) = codedState, header.generation == generation else { return }
            var next = header
            next.calibration = calibration
            try partition.writeIndex([sample.block], header: next, synced: true)
            let calibrated = next
            state.withLock { $0.header = calibrated }
            samples.withLock { $0.restart() }
        }
    }

    // MARK: A new index

    /// An index that is not in use yet.
    private struct Candidate {
        var index: ListIndex
        var header: VectorIndexHeader
    }

    /// Learns everything anew from the vectors that are there, while searches and updates go on with what there is.
    ///
    /// Rows that updates move into the old lists meanwhile are coded for the new ones too: most of them before the new
    /// index is put in place, the last under the lock, so that none falls between the two.
    ///
    /// - Returns: false when another thread is at it.
    private func rebuild(pause: @Sendable () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Bool {
        try training.withLockIfAvailable { _ throws(ImpRAGError) -> Void in
            if memoryShortage != nil { dropVectors() }
            if let shortage = memoryShortage { throw shortage }
            let former = state.withLock { $0.header }
            let generation = (former?.generation ?? 0) + 1
            let construction = IndexConstruction(partition, target: former?.target ?? Self.defaultTarget, threads: 1)
            let sample = samples.withLock { $0.queries }
            let isEnough = sample.vectors.count >= SampleQueries.least * partition.dimension
            // Under the lock of updates, so that no row below the limit is still on its way.
            let (live, end) = updates.withLock { _ in (partition.liveRows(), partition.rowLimit) }
            let (index, header) = try construction.build(
                generation: generation, live: live, until: end, sample: isEnough ? sample : nil, pause: pause
            ) { _, _, _ throws(ImpRAGError) in try pause() }
            var candidate = Candidate(index: index, header: header)
            for _ in 0..<Self.catchUpRounds {
                guard missing(candidate).count >= MaintenancePolicy.moveAt else { break }
                _ = try catchUp(&candidate, pause: pause)
            }
            try construction.writeBlocks(of: candidate.index, generation: generation)
            try pause()
            let dead = try putInPlace(&candidate, isEnough ? sample : nil)
            if let former { try partition.removeIndex(generation: former.generation) }
            try partition.flush()
            try purge(dead)
            keepVectors()
        } != nil
    }

    /// The rows that the lists in use hold, or held, and the candidate does not know.
    private func missing(_ candidate: Candidate) -> Range<Int> {
        let indexed = state.withLock { $0.header?.indexedRows ?? 0 }
        return candidate.header.indexedRows..<max(candidate.header.indexedRows, indexed)
    }

    /// Codes the rows that have come into the lists in use since. Returns the lists that it changed.
    private func catchUp(
        _ candidate: inout Candidate, pause: () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> Set<Int> {
        let rows = missing(candidate)
        var changed: Set<Int> = []
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.caughtUpRows) {
            let end = min(first + Self.caughtUpRows, rows.upperBound)
            let (found, vectors) = try ListIndexBuilder.read(source, from: first, until: end)
            let (changes, error) = candidate.index.changes(
                adding: found, vectors: vectors, live: partition.liveRows(), pool: pool)
            candidate.index.apply(changes)
            candidate.header.follow(error, rows: found.count)
            candidate.header.indexedRows = end
            changed.formUnion(changes.keys)
            try pause()
        }
        return changed
    }

    /// Makes the candidate, whose blocks are on the disk, the index in use. Returns the rows that nothing holds any
    /// more.
    private func putInPlace(
        _ candidate: inout Candidate, _ sample: SampleQueries?
    ) throws(ImpRAGError) -> [Int] {
        try lists.withLock { _ throws(ImpRAGError) in
            let stored = candidate.index
            let changed = try catchUp(&candidate) {}
            candidate.index.seal()
            candidate.header.residentBytes = candidate.index.residentBytes.bytes
            let (written, removed) = candidate.index.blocks(
                of: changed, replacing: stored, generation: candidate.header.generation)
            try partition.writeIndex(
                written + (sample.map { [$0.block] } ?? []), removing: removed, header: candidate.header, synced: true)
            let former = state.withLock { $0.snapshot.coded }
            // Rows that were dead when their vectors would have been coded, and those that only the former lists held.
            var held = RowSet()
            candidate.index.forEachRow { held.insert($0) }
            var dead = show(candidate.index, candidate.header, live: held)
            former?.forEachRow { row in
                if !held.contains(row) { dead.append(row) }
            }
            samples.withLock { $0.restart() }
            return dead
        }
    }

    /// Why no new index can be made: nil where the memory limit leaves room for it.
    private var memoryShortage: ImpRAGError? { memoryShortage(withVectors: true) }

    /// - Parameter withVectors: whether vectors that are kept count; they can be dropped.
    private func memoryShortage(withVectors: Bool) -> ImpRAGError? {
        guard let memoryLimit else { return nil }
        let (size, vectors) = state.withLock { ($0.snapshot.coded?.model.codeSize, $0.snapshot.kept?.residentBytes) }
        let needed = IndexConstruction.workingBytes(
            count: partition.count, dimension: partition.dimension, codeSize: size)
        let kept = withVectors ? 0 : vectors?.bytes ?? 0
        guard needed.bytes + indexBytes.bytes - kept > memoryLimit.bytes else { return nil }
        return ImpRAGError(
            .resourceExhausted,
            "a new index of \(partition.path) needs \(needed) to be built, beside the \(indexBytes) in use; \(memoryLimit) are "
                + "allowed")
    }

    private var codedState: (ListIndex, VectorIndexHeader)? {
        state.withLock { state in
            guard let coded = state.snapshot.coded, let header = state.header else { return nil }
            return (coded, header)
        }
    }
}

extension VectorIndexHeader {
    /// Takes the error of rows that were coded into account. It follows some thousand vectors: a few odd ones are no
    /// drift.
    fileprivate mutating func follow(_ error: Double, rows: Int) {
        recentError += min(1, Double(rows) / 4096) * (error - recentError)
    }
}
