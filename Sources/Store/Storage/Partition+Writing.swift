internal import Bitmaps
public import Core
internal import Platform
internal import RocksDB
internal import Synchronization

extension Partition {
    /// Bytes of a passage's id.
    public static let idLimitBytes = 4096

    /// Adds `passages` with their vectors; a passage replaces the one with the same id, and of several with one id in
    /// the call the last counts. Atomic, and durable on return.
    ///
    /// - Parameter vectors: `[passages.count × dimension]`.
    /// - Throws: `invalidArgument` for numbers beyond `VectorLimit`, ids and metadata, naming the passage;
    ///   `resourceExhausted` when the disk is too full to go on safely, before anything is written;
    ///   `failedPrecondition` when the partition was opened for reading; `unavailable` after a failed write.
    public func upsert(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) -> Change {
        try Self.check(passages, vectors, dimension: dimension)
        return try writing { writer throws(ImpRAGError) in
            let first = rowLimit
            let rows = first..<(first + passages.count)
            guard !passages.isEmpty else { return Change(rows: rows, replaced: [], lengths: []) }
            guard rows.upperBound <= PartitionFormat.rowLimitMaximum else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(path) has used \(first) of its \(PartitionFormat.rowLimitMaximum) rows; index the corpus again")
            }
            // By bytes: ids that only look alike are different.
            var lastPlaces: [[UInt8]: Int] = [:]
            for (place, passage) in passages.enumerated() { lastPlaces[Array(passage.id.utf8)] = place }
            var batch = RowBatch(database, words: words, rows: passages.count)
            var lengths: [Int] = []
            var replaced: [Int] = []
            var added: [Int] = []
            for (place, passage) in passages.enumerated() {
                let row = first + place
                let id = Array(passage.id.utf8)
                guard lastPlaces[id] == place else {
                    try batch.bury(row)
                    replaced.append(row)
                    lengths.append(0)
                    continue
                }
                if let old = try liveRow(of: id) {
                    try batch.bury(old)
                    replaced.append(old)
                }
                lengths.append(
                    batch.add(row, passage, vector: vectors[(place * dimension)..<((place + 1) * dimension)]))
                added.append(row)
            }
            batch.set(PartitionFormat.rowsKey, to: rows.upperBound)
            if words != nil { batch.set(PartitionFormat.wordsRowsKey, to: rows.upperBound) }
            try batch.addPostings()
            try commit(batch, &writer, removing: replaced, adding: added, limit: rows.upperBound)
            return Change(rows: rows, replaced: replaced.sorted(), lengths: lengths)
        }
    }

    /// Deletes the passages `ids`, ignoring ids that do not exist. Atomic, and durable on return.
    ///
    /// - Returns: the rows that died, ascending.
    /// - Throws: as `upsert`.
    public func delete(ids: [String]) throws(ImpRAGError) -> [Int] {
        try writing { writer throws(ImpRAGError) in
            var batch = RowBatch(database, words: words, rows: ids.count)
            var rows: Set<Int> = []
            for id in ids {
                let id = Array(id.utf8)
                guard let row = try liveRow(of: id), rows.insert(row).inserted else { continue }
                try batch.bury(row)
                batch.forget(id: id)
            }
            guard !rows.isEmpty else { return [] }
            try batch.addPostings()
            try commit(batch, &writer, removing: Array(rows), adding: [], limit: rowLimit)
            return rows.sorted()
        }
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
            if !(1...idLimitBytes).contains(passage.id.utf8.count) {
                problems.append(
                    "the id of passage \(place) has \(passage.id.utf8.count) bytes; 1 to \(idLimitBytes) are allowed")
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
                    .unavailable,
                    "partition \(path) takes no writes since one failed; start the process again when the disk is well",
                    cause: failure)
            }
            return try body(&writer)
        }
    }

    /// Writes rows that are added and removed, then publishes them to readers.
    private func commit(
        _ batch: consuming RowBatch, _ writer: inout WriterState, removing: [Int], adding: [Int], limit: Int
    ) throws(ImpRAGError) {
        batch.set(PartitionFormat.changesKey, to: writer.changes + 1)
        state.withLock { $0.leaving = Set(removing) }
        defer { state.withLock { $0.leaving = [] } }
        try write(batch.changes, &writer, .synced)
        writer.changes += 1
        let sequence = writer.changes
        state.withLock { state in
            for row in removing { state.live.remove(row) }
            for row in adding { state.live.insert(row) }
            state.limit = limit
            state.sequence = sequence
        }
    }

    /// Writes `batch` if the disk has room for it; see `reserveBytes`.
    func write(
        _ batch: borrowing WriteBatch, _ writer: inout WriterState, _ durability: Database.Durability
    ) throws(ImpRAGError) {
        let reserve = ByteCount(Self.reserveBytes + 2 * batch.byteCount)
        if let available = availableSpace(path), available < reserve {
            throw ImpRAGError(
                .resourceExhausted,
                "the disk of \(path) has \(available) left, and this write needs \(reserve) to be safe; nothing was "
                    + "written, make room and send it again")
        }
        do throws(RocksDBError) {
            try database.write(batch, durability)
        } catch {
            writer.failure = error
            throw error.wrapped("partition \(path) could not be written and takes no more writes")
        }
        guard FileIdentity(path: path + "/LOCK") == place else {
            // RocksDB writes on into files that no longer have a name.
            let failure = ImpRAGError(
                .dataLoss,
                "the directory of partition \(path) was deleted or replaced while it was open: this write is lost, and no more are taken"
            )
            writer.failure = failure
            throw failure
        }
    }

    /// Disk space to keep free. RocksDB notices a full disk in the middle of a write, and Debian's build may then abort
    /// on an assertion. Flushes of recent writes, in two copies, and compactions need it.
    static let reserveBytes = 64 << 20 + 2 * writeBufferBytes
}
