public import Core
internal import RocksDB
internal import Synchronization

/// A partition as a view of its collection's log.
extension Partition {
    /// How far it has followed the log; nil when it follows none.
    public var logPosition: LogPosition? { state.withLock { $0.position } }

    /// Applies the changes that the log's segment `epoch` makes here: all of them and the new position in one write,
    /// which is durable on return.
    ///
    /// A segment without a change for this partition has to be applied too. It costs nothing: the new position is only
    /// remembered, and reaches the disk with the next change, `record` or checkpoint. After a kill such segments are
    /// applied again.
    ///
    /// - Parameter changes: in their order in the segment; of several of one id the last one counts.
    /// - Returns: what they did, each update as if it had come alone; nothing for an epoch that is in here already.
    /// - Throws: `failedPrecondition` when the partition follows no log; `internal` when a segment before `epoch` is
    ///   missing; `dataLoss` for what `upsert` would refuse, since a commit lets none of that into a log; else as
    ///   `upsert`.
    public func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> AppliedChanges {
        try writing { writer throws(ImpRAGError) in
            guard var position = logPosition else { throw followsNoLog }
            guard epoch > position.epoch else {
                let limit = rowLimit
                return AppliedChanges(
                    change: Change(rows: limit..<limit, replaced: [], lengths: [], vectors: []), outcomes: [:])
            }
            guard epoch - 1 == position.epoch else {
                throw ImpRAGError(
                    .internal,
                    "\(path) holds the log up to epoch \(position.epoch), and was to apply \(epoch) next: that would leave out what is between"
                )
            }
            try check(changes, epoch)
            let distinct = DistinctChanges(changes.map(\.change))
            let former = try formerRows(of: distinct)
            position.epoch = epoch
            let change = try write(distinct, replacing: former, to: position, &writer)
            return AppliedChanges(change: change, outcomes: Self.outcomes(of: changes, former: Set(former.keys)))
        }
    }

    /// Puts the partition at `position`, durably: at the start of a log, when it follows none yet, or after segments
    /// that change nothing here.
    ///
    /// - Throws: `failedPrecondition` when it follows another collection's log, or is beyond; else as `upsert`.
    public func record(_ position: LogPosition) throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            if let now = logPosition {
                guard now.collection == position.collection, now.epoch <= position.epoch else {
                    throw ImpRAGError(
                        .failedPrecondition,
                        "\(path) is at epoch \(now.epoch) of the collection \(now.collection) and cannot be put at "
                            + "epoch \(position.epoch) of \(position.collection)")
                }
            }
            try record(position, &writer)
        }
    }

    /// Makes durable how far the partition is, where segments without changes here have moved it on in memory alone.
    ///
    /// - Throws: as `upsert`.
    public func recordPosition() throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            if let position = logPosition { try record(position, &writer) }
        }
    }

    /// Makes it a view of another collection, durably: of one that begins with what this one holds, at the same epoch.
    ///
    /// - Throws: `failedPrecondition` when it follows no log; else as `upsert`.
    func join(_ collection: CollectionID) throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            guard let now = logPosition else { throw followsNoLog }
            try record(LogPosition(collection: collection, epoch: now.epoch), &writer)
        }
    }

    private func record(_ position: LogPosition, _ writer: inout WriterState) throws(ImpRAGError) {
        guard writer.recorded != position else { return }
        var batch = WriteBatch()
        batch.put(
            PartitionFormat.logKey, PartitionFormat.value(of: position), in: PartitionFormat.metadata, of: database)
        try write(batch, &writer, .synced)
        writer.recorded = position
        state.withLock { $0.position = position }
    }

    /// Makes the new directory `directory` a partition with what this one holds. Writers wait for as long as it takes
    /// to flush recent writes; tables get a second name and are not copied.
    ///
    /// - Returns: where in the log that is, and how many passages.
    /// - Throws: `failedPrecondition` when the partition follows no log; else as `upsert`.
    func checkpoint(to directory: String) throws(ImpRAGError) -> (position: LogPosition, passages: Int) {
        try writing { writer throws(ImpRAGError) in
            guard let position = logPosition else { throw followsNoLog }
            try requireSpace(for: 0)
            try record(position, &writer)
            try requirePlace(&writer)
            do throws(RocksDBError) {
                try database.checkpoint(to: directory)
            } catch {
                if error.call == "rocksdb_flush" { writer.failure = error }
                throw error.wrapped("no checkpoint of partition \(path) can be made in \(directory)")
            }
            return (position, count)
        }
    }

    // MARK: Private

    private var followsNoLog: ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "partition \(path) follows no log: it is not of a finished index; index the corpus again")
    }

    private func check(_ changes: [LoggedChange], _ epoch: Int) throws(ImpRAGError) {
        do throws(ImpRAGError) {
            for case .upsert(let passage, let vector) in changes.map(\.change) {
                try Self.check([passage], vector, dimension: dimension)
            }
        } catch {
            throw ImpRAGError(
                .dataLoss, "segment \(epoch) of the log cannot be applied to \(path): \(error.message)", cause: error)
        }
    }

    /// What each update did, one change after the other.
    ///
    /// - Parameter former: which of their ids were there before.
    private static func outcomes(of changes: [LoggedChange], former: Set<[UInt8]>) -> [Int: UpdateOutcome] {
        var there = former
        var outcomes: [Int: UpdateOutcome] = [:]
        for logged in changes {
            let id = Array(logged.change.id.utf8)
            var outcome = outcomes[logged.update] ?? UpdateOutcome()
            switch logged.change {
            case .upsert:
                if there.insert(id).inserted { outcome.inserted += 1 } else { outcome.replaced += 1 }
            case .delete:
                if there.remove(id) != nil { outcome.deleted += 1 }
            }
            outcomes[logged.update] = outcome
        }
        return outcomes
    }
}
