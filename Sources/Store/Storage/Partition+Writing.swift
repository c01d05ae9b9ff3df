internal import Bitmaps
public import Core
internal import Platform
internal import RocksDB
internal import Synchronization

extension Partition {
    /// Adds `passages` with their vectors; a passage replaces the one with the same id, and of several with one id in
    /// the call the last counts. Atomic, and durable on return.
    ///
    /// - Parameter vectors: `[passages.count × dimension]`.
    /// - Throws: `invalidArgument` for numbers beyond `VectorLimit`, ids and metadata, naming the passage;
    ///   `resourceExhausted` when the disk is too full to go on safely, before anything is written;
    ///   `failedPrecondition` when the partition was opened for reading; `unavailable` after a failed write.
    public func upsert(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) -> Change {
        try Self.check(passages, vectors, dimension: dimension)
        return try apply(
            passages.enumerated().map { place, passage in
                .upsert(passage, vector: Array(vectors[(place * dimension)..<((place + 1) * dimension)]))
            })
    }

    /// Deletes the passages `ids`, ignoring ids that do not exist. Atomic, and durable on return.
    ///
    /// - Throws: as `upsert`.
    public func delete(ids: [String]) throws(ImpRAGError) -> Change {
        try apply(ids.map { .delete(id: $0) })
    }

    private func apply(_ changes: [PassageChange]) throws(ImpRAGError) -> Change {
        let changes = DistinctChanges(changes)
        return try writing { writer throws(ImpRAGError) in
            try write(changes, replacing: try formerRows(of: changes), &writer)
        }
    }

    /// The rows of those ids of `changes` that the partition holds.
    func formerRows(of changes: DistinctChanges) throws(ImpRAGError) -> [[UInt8]: Int] {
        var former: [[UInt8]: Int] = [:]
        for id in changes.ids { former[id] = try liveRow(of: id) }
        return former
    }

    /// Writes `changes`, if they change anything.
    ///
    /// - Parameters:
    ///   - former: as `formerRows` gives them.
    ///   - position: where the partition is in its log afterwards; nil leaves it where it is.
    func write(
        _ changes: DistinctChanges, replacing former: [[UInt8]: Int], to position: LogPosition? = nil,
        _ writer: inout WriterState
    ) throws(ImpRAGError) -> Change {
        let first = rowLimit
        let rows = first..<(first + changes.passages.count)
        guard rows.upperBound <= PartitionFormat.rowLimitMaximum else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(path) has used \(first) of its \(PartitionFormat.rowLimitMaximum) rows; index the corpus again")
        }
        let dead = former.values.sorted()
        var batch = RowBatch(database, words: words, rows: max(rows.count, dead.count))
        for row in dead { try batch.bury(row) }
        for id in changes.deleted { batch.forget(id: id) }
        var lengths: [Int] = []
        for (place, passage) in changes.passages.enumerated() {
            let vector = changes.vectors[(place * dimension)..<((place + 1) * dimension)]
            lengths.append(batch.add(first + place, passage, vector: vector))
        }
        if !rows.isEmpty {
            batch.set(PartitionFormat.rowsKey, to: rows.upperBound)
            if words != nil { batch.set(PartitionFormat.wordsRowsKey, to: rows.upperBound) }
        }
        if !rows.isEmpty || !dead.isEmpty {
            try batch.addPostings()
            try commit(batch, &writer, removing: dead, adding: rows, position: position)
        } else if let position {
            state.withLock { $0.position = position }
        }
        return Change(rows: rows, replaced: dead, lengths: lengths, vectors: changes.vectors)
    }

    /// Reclaims the space of dead rows that no list of the vector index holds any more: their vectors and tombstones
    /// go, and one bit per row records that they are dead.
    ///
    /// - Throws: `invalidArgument` for a live row or one that never was; else as `upsert`.
    public func purge(rows: [Int]) throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            let (live, limit) = (liveRows(), rowLimit)
            for row in rows where row < 0 || row >= limit || live.contains(row) {
                throw ImpRAGError(
                    .invalidArgument, "row \(row) of \(path) is not a dead one; only those can be purged")
            }
            var batch = WriteBatch()
            let chunks = Dictionary(grouping: Set(rows)) { $0 >> PartitionFormat.chunkBits }
            for (chunk, rows) in chunks.sorted(by: { $0.key < $1.key }) {
                for row in rows.sorted() {
                    batch.delete(PartitionFormat.key(row), in: PartitionFormat.vectors, of: database)
                    batch.delete(PartitionFormat.tombstoneKey(row), in: PartitionFormat.deleted, of: database)
                }
                let key = PartitionFormat.purgedKey(chunk)
                let old = try reading { () throws(RocksDBError) in try database.get(key, in: PartitionFormat.deleted) }
                var purged = Bitmap()
                if let old {
                    guard let known = Bitmap.posting(old, chunk: chunk) else {
                        throw damaged("its deleted rows are not readable")
                    }
                    purged.formUnion(known)
                }
                purged.insert(contentsOf: rows.map { UInt32(truncatingIfNeeded: $0) })
                batch.put(key, purged.portable, in: PartitionFormat.deleted, of: database)
            }
            guard batch.count > 0 else { return }
            try write(batch, &writer, .synced)
        }
    }

    // MARK: Private

    /// The row of the passage `id`, checked before a change relies on it.
    private func liveRow(of id: [UInt8]) throws(ImpRAGError) -> Int? {
        guard let row = try row(of: id) else { return nil }
        guard !isGone(row) else {
            throw damaged("the passage \(String(decoding: id, as: UTF8.self)) has the row \(row), which is dead")
        }
        return row
    }

    /// Throws `invalidArgument` with everything that is wrong with `passages`.
    static func check(_ passages: [Passage], _ vectors: [BFloat16], dimension: Int) throws(ImpRAGError) {
        guard vectors.count == passages.count * dimension else {
            throw ImpRAGError(
                .invalidArgument,
                "\(vectors.count) numbers are not \(passages.count) vectors of \(dimension) numbers")
        }
        var problems: [String] = []
        for (place, passage) in passages.enumerated() {
            if !(1...Passage.idByteLimit).contains(passage.id.utf8.count) {
                problems.append(
                    "the id of passage \(place) has \(passage.id.utf8.count) bytes; 1 to \(Passage.idByteLimit) are allowed"
                )
                continue
            }
            let vector = vectors[(place * dimension)..<((place + 1) * dimension)]
            if let fault = VectorLimit.fault(in: vector, dimension: dimension) {
                problems.append("the vector of passage \(passage.id) \(fault.words)")
            }
            problems += MetadataValue.problems(of: passage.metadata).map { "metadata of passage \(passage.id): \($0)" }
        }
        guard problems.isEmpty else {
            let more = problems.count > 8 ? "; and \(problems.count - 8) more" : ""
            throw ImpRAGError(.invalidArgument, problems.prefix(8).joined(separator: "; ") + more)
        }
    }

    /// Runs `body` while no other writer runs.
    func writing<Value: Sendable>(
        _ body: (inout WriterState) throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> Value {
        guard access == .readWrite else {
            throw ImpRAGError(.failedPrecondition, "partition \(path) was opened for reading only")
        }
        return try writer.withLock { writer throws(ImpRAGError) in
            if let failure = writer.failure {
                throw ImpRAGError(
                    .failedPrecondition,
                    "partition \(path) takes no writes since one failed; start the process again when the disk is well",
                    cause: failure)
            }
            return try body(&writer)
        }
    }

    /// Writes rows that are added and removed, then publishes them to readers.
    private func commit(
        _ batch: consuming RowBatch, _ writer: inout WriterState, removing: [Int], adding: Range<Int>,
        position: LogPosition?
    ) throws(ImpRAGError) {
        batch.set(PartitionFormat.changesKey, to: writer.changes + 1)
        if let position { batch.set(position) }
        state.withLock { $0.leaving = Set(removing) }
        defer { state.withLock { $0.leaving = [] } }
        try write(batch.changes, &writer, .synced)
        writer.changes += 1
        if let position { writer.recorded = position }
        let sequence = writer.changes
        state.withLock { state in
            for row in removing { state.live.remove(row) }
            for row in adding { state.live.insert(row) }
            state.limit = adding.upperBound
            state.sequence = sequence
            if let position { state.position = position }
        }
    }

    /// Writes `batch` if the disk has room for it; see `reserveBytes`.
    func write(
        _ batch: borrowing WriteBatch, _ writer: inout WriterState, _ durability: Database.Durability
    ) throws(ImpRAGError) {
        try requireSpace(for: 2 * batch.byteCount)
        do throws(RocksDBError) {
            try database.write(batch, durability)
        } catch {
            writer.failure = error
            throw error.wrapped("partition \(path) could not be written and takes no more writes")
        }
        try requirePlace(&writer)
    }

    func requireSpace(for byteCount: Int) throws(ImpRAGError) {
        let reserve = ByteCount(Self.reserveBytes + byteCount)
        guard let available = availableSpace(path), available < reserve else { return }
        throw ImpRAGError(
            .resourceExhausted,
            "the disk of \(path) has \(available) left, and this write needs \(reserve) to be safe; nothing was "
                + "written, make room and send it again")
    }

    /// Throws `dataLoss`, and takes no more writes, when the directory is not the one that was opened.
    func requirePlace(_ writer: inout WriterState) throws(ImpRAGError) {
        guard FileIdentity(path: path + "/LOCK") != place else { return }
        // RocksDB writes on into files that no longer have a name.
        let failure = ImpRAGError(
            .dataLoss,
            "the directory of partition \(path) was deleted or replaced while it was open: this write is lost, and no more are taken"
        )
        writer.failure = failure
        throw failure
    }

    /// Disk space to keep free. RocksDB notices a full disk in the middle of a write, and Debian's build may then abort
    /// on an assertion. Flushes of recent writes, in two copies, and compactions need it.
    static let reserveBytes = 64 << 20 + 2 * writeBufferBytes
}
