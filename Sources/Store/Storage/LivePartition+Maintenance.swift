public import Core
internal import Kernels
internal import Synchronization
internal import VectorIndex

/// What keeps an index in shape while it changes. One thread at a time does it: the owner's, or one whose update found no room.
extension LivePartition {
    /// Rows without a list from which on it is worth moving them.
    private static let moveAt = 512
    /// Share of dead vectors in the lists from which on they are rewritten without them.
    private static let deadShare = 0.1
    /// How much worse than at training codes may become, and how much larger the partition, before everything is learnt anew.
    private static let errorGrowth = 1.3
    private static let sizeGrowth = 3.0
    /// How far below its target the measured recall may be.
    private static let tolerance = 0.01

    /// Does the most urgent piece of work: a first or a new index, rows into lists, dead vectors out of lists, another effort
    /// for searches that find too little; and when there is none, a step through the lexical index.
    ///
    /// - Parameter pause: called between pieces of work; sleeps as the owner likes, or throws to stop. Nothing is lost then.
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
        let dimension = partition.dimension
        guard let index = state.index, let coded = state.snapshot.coded else {
            guard state.snapshot.live.count > IndexConstruction.flatLimit(dimension: dimension) else {
                guard state.snapshot.flat.count - state.snapshot.live.count >= Self.moveAt else { return false }
                try maintenance.withLock { _ throws(ImpRAGError) in try forgetDead() }
                try pause()
                return true
            }
            try rebuild(generation: 1, target: Self.defaultTarget, pause: pause)
            return true
        }
        let hasDrifted = index.recentError > index.trainedError * Self.errorGrowth
        let hasGrown = Double(state.snapshot.live.count) > Double(index.trainedRows) * Self.sizeGrowth
        let shortage = hasDrifted || hasGrown ? memoryShortage : nil
        if hasDrifted || hasGrown, shortage == nil {
            try rebuild(generation: index.generation + 1, target: index.target, pause: pause)
            return true
        }
        if state.snapshot.flat.count >= Self.moveAt {
            try moveIntoLists()
            try pause()
            return true
        }
        let (flat, live) = (state.snapshot.flat, state.snapshot.live)
        let liveFlat = flat.count - flat.deadRows(below: .max, live: live).count
        let dead = coded.count - (live.count - liveFlat)
        if Double(dead) > Self.deadShare * Double(coded.count) {
            try dropDead(pause: pause)
            return true
        }
        if let sample = queriesToCalibrate(index) {
            try calibrate(sample, pause: pause)
            return true
        }
        // Everything else is done: the old lists serve on, and what keeps a new index from being made is said.
        if let shortage { throw shortage }
        return false
    }

    /// Moves rows into lists unless another thread is changing lists. Returns whether it did.
    func moveIntoListsNow() throws(ImpRAGError) -> Bool {
        try maintenance.withLockIfAvailable { _ throws(ImpRAGError) in try moveRows() } != nil
    }

    /// Of a partition without an index, drops replaced and deleted rows unless another thread is building one. Returns
    /// whether it did.
    func forgetDeadNow() throws(ImpRAGError) -> Bool {
        try maintenance.withLockIfAvailable { _ throws(ImpRAGError) in try forgetDead() } != nil
    }

    private func forgetDead() throws(ImpRAGError) {
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

    /// Gives the space of rows back that nothing holds any more, some at a time.
    private func purge(_ rows: [Int]) throws(ImpRAGError) {
        for first in stride(from: 0, to: rows.count, by: 1 << 16) {
            try partition.purge(rows: Array(rows[first..<min(first + 1 << 16, rows.count)]))
        }
    }

    private func moveIntoLists() throws(ImpRAGError) {
        try maintenance.withLock { _ throws(ImpRAGError) in try moveRows() }
    }

    /// Codes all rows that have no list and writes the lists that they belong to, without their dead vectors.
    private func moveRows() throws(ImpRAGError) {
        do {
            // Under the lock of updates, so that no row below the limit is still on its way.
            let (flat, end) = updates.withLock { _ in (state.withLock { $0.snapshot.flat }, partition.rowLimit) }
            guard let (coded, index) = codedState, flat.count > 0 else { return }
            let live = state.withLock { $0.snapshot.live }
            let (rows, vectors) = flat.rows(in: live)
            let encoded = VectorEncoder(coded.model).encode(vectors, pool: pool)
            var added: [Int: PendingList] = [:]
            let codeBytes = coded.model.segments * CodeChunk.segmentBytes
            for (place, row) in rows.enumerated() {
                let list = Int(encoded.lists[place])
                added[list, default: PendingList(coded.lists[list]) { live.contains($0) }].append(
                    row: row, scale: encoded.scales[place],
                    code: encoded.codes[(place * codeBytes)..<((place + 1) * codeBytes)])
            }
            var next = index
            next.indexedRows = end
            if !rows.isEmpty {
                // Follows some thousand vectors: a few odd ones are no drift.
                let weight = min(1, Double(rows.count) / 4096)
                next.recentError += weight * (encoded.relativeError - next.recentError)
            }
            try replace(added, in: coded, next, live: live, dropping: end)
        }
    }

    /// Rewrites lists without their dead vectors, some at a time.
    private func dropDead(pause: @Sendable () throws(ImpRAGError) -> Void) throws(ImpRAGError) {
        let count = state.withLock { $0.snapshot.coded?.lists.count ?? 0 }
        for first in stride(from: 0, to: count, by: 16) {
            try maintenance.withLock { _ throws(ImpRAGError) in
                guard let (coded, index) = codedState, coded.lists.count == count else { return }
                let live = state.withLock { $0.snapshot.live }
                var kept: [Int: PendingList] = [:]
                for list in first..<min(first + 16, count) {
                    let pending = PendingList(coded.lists[list]) { live.contains($0) }
                    if pending.rows.count < coded.lists[list].reduce(0, { $0 + $1.count }) { kept[list] = pending }
                }
                if !kept.isEmpty { try replace(kept, in: coded, index, live: live, dropping: nil) }
            }
            try pause()
        }
    }

    /// Puts new contents into lists, on the disk and then in memory, and removes what no list holds any more.
    ///
    /// - Parameter end: rows below it leave the flat part; nil leaves that as it is.
    private func replace(
        _ lists: [Int: PendingList], in coded: ListIndex, _ index: IndexState, live: RowSet, dropping end: Int?
    ) throws(ImpRAGError) {
        var changed = coded
        var blocks: [IndexBlock] = []
        var removed: [IndexBlockKey] = []
        var dead: [Int] = []
        for (list, pending) in lists.sorted(by: { $0.key < $1.key }) {
            let before = coded.lists[list]
            for chunk in before {
                for place in 0..<chunk.count where !live.contains(chunk.row(place)) { dead.append(chunk.row(place)) }
            }
            changed.replace(list, with: pending.chunks(segments: coded.model.segments))
            blocks += StoredLists.blocks(of: list, in: changed, generation: index.generation)
            for number in changed.lists[list].count..<max(changed.lists[list].count, before.count) {
                removed.append(IndexBlockKey(generation: index.generation, list: list + 1, block: number))
            }
        }
        changed.seal()
        var next = index
        next.residentBytes = changed.residentBytes.bytes
        try partition.writeIndex(blocks, removing: removed, header: try next.encoded(), synced: true)
        let (coded, state) = (changed, next)
        let leaving = self.state.withLock { current -> [Int] in
            current.snapshot.coded = coded
            current.index = state
            guard let end else { return [] }
            let leaving = current.snapshot.flat.deadRows(below: end, live: live)
            current.snapshot.flat = current.snapshot.flat.dropping(below: end)
            return leaving
        }
        // No list holds them now, neither here nor on the disk, and rows are never used again.
        try purge(dead + leaving)
    }

    /// The searches that came, once they are enough, when they show that the index's calibration does not hold for them:
    /// because they find too little, or because no real query was known when it was made.
    private func queriesToCalibrate(_ index: IndexState) -> SampleQueries? {
        guard defaults.probes == nil, defaults.candidates == nil else { return nil }
        let target = defaults.recall ?? index.target
        return samples.withLock { samples in
            let isForeign = [.passages, .prompts].contains(index.calibration.source)
            let isDue = isForeign && samples.count >= SampleQueries.limit
            return isDue || samples.areBelow(target - Self.tolerance) ? samples.queries : nil
        }
    }

    /// Measures anew which effort reaches which recall.
    private func calibrate(
        _ sample: SampleQueries, pause: @Sendable () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        // Without the lock of those who change lists: it takes long, and updates that find no room must be able to make some.
        let (snapshot, generation) = state.withLock { ($0.snapshot, $0.index?.generation) }
        let calibration = try Calibrator(snapshot: snapshot, source: source, pool: pool).run(
            sample: sample, pause: pause
        ) { _ throws(ImpRAGError) in try pause() }
        try maintenance.withLock { _ throws(ImpRAGError) in
            guard let (_, index) = codedState, index.generation == generation else { return }
            var next = index
            next.calibration = calibration
            try partition.writeIndex([StoredQueries.block(sample)], header: try next.encoded(), synced: true)
            let calibrated = next
            state.withLock { $0.index = calibrated }
            samples.withLock { $0.restart() }
        }
    }

    /// Learns everything anew from the vectors that are there, beside the searches that go on with what there is.
    private func rebuild(
        generation: Int, target: Double, pause: @Sendable () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        try maintenance.withLock { _ throws(ImpRAGError) in
            if let shortage = memoryShortage { throw shortage }
            let sampled = samples.withLock { $0.queries }
            let isEnough = sampled.vectors.count >= SampleQueries.least * partition.dimension
            let (index, state) = try IndexConstruction(partition, target: target, threads: 1).run(
                generation: generation, sample: isEnough ? sampled : nil, pause: pause
            ) { _, _, _ throws(ImpRAGError) in try pause() }
            defer { samples.withLock { $0.restart() } }
            let former = self.state.withLock { current -> IndexSnapshot in
                let former = current.snapshot
                current.snapshot.coded = index
                current.snapshot.flat = current.snapshot.flat.dropping(below: state.indexedRows)
                current.index = state
                return former
            }
            // Rows that were dead when their vectors would have been coded. The former lists are gone from the disk too.
            var held = RowSet()
            index.forEachRow { held.insert($0) }
            var dead = former.flat.deadRows(below: state.indexedRows, live: held)
            former.coded?.forEachRow { row in
                if !held.contains(row) { dead.append(row) }
            }
            try purge(dead)
        }
    }

    /// Why no new index can be made: nil where the memory limit leaves room for it.
    private var memoryShortage: ImpRAGError? {
        guard let memoryLimit else { return nil }
        let needed = IndexConstruction.workingBytes(count: partition.count, dimension: partition.dimension)
        guard needed.bytes + indexBytes.bytes > memoryLimit.bytes else { return nil }
        return ImpRAGError(
            .resourceExhausted,
            "a new index of \(partition.path) needs \(needed) to be built, beside the \(indexBytes) in use; \(memoryLimit) are "
                + "allowed")
    }

    private var codedState: (ListIndex, IndexState)? {
        state.withLock { state in
            guard let coded = state.snapshot.coded, let index = state.index else { return nil }
            return (coded, index)
        }
    }
}
