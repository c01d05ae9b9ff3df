public import Core
internal import RocksDB
internal import Synchronization

extension StateStore {
    /// Stores the state `bytes` as `key`; if it is stored already, that counts as a use. Evicts the least recently used
    /// states if there is no room.
    ///
    /// Durable after `flush`, or once enough others have followed.
    ///
    /// - Returns: false when it was not stored: the store is read-only, the state exceeds the budget, or the disk is
    ///   too full.
    /// - Throws: `unavailable`, `dataLoss` or `resourceExhausted` when writing fails, and after that.
    public func insert(_ bytes: [UInt8], for key: StateKey) throws(ImpRAGError) -> Bool {
        let size = bytes.count + PassageStateFormat.overheadBytes
        guard let database, access == .readWrite, size <= budget.bytes else { return false }
        return try writer.withLock { writer throws(ImpRAGError) in
            let isThere = state.withLock { state in
                guard state.ledger.touch(key) else { return false }
                state.touched.insert(key)
                return true
            }
            if isThere { return true }
            let reserve = ByteCount(limits.reserveBytes + 3 * size)
            if let available = availableSpace(path), available < reserve { return false }
            let (gone, stamp) = state.withLock { state in
                let gone = state.ledger.makeRoom(for: size, budget: budget.bytes)
                state.evictions += gone.count
                return (gone, state.ledger.nextStamp)
            }
            var batch = WriteBatch()
            for key in gone { remove(key, from: &batch, database) }
            let record = PassageStateFormat.record(bytes, for: key)
            batch.put(PassageStateFormat.stateKey(key), record, in: PassageStateFormat.family, of: database)
            let use = PassageStateFormat.use(size: size, stamp: stamp)
            batch.put(PassageStateFormat.useKey(key), use, in: PassageStateFormat.family, of: database)
            try write(batch, &writer)
            state.withLock { $0.ledger.add(key, size: size) }
            writer.unchecked += size
            if writer.unchecked >= Self.checkInterval(budget: budget) {
                try writeUses(&writer)
                collect(&writer)
            }
            return true
        }
    }

    /// Makes everything durable, last uses included.
    ///
    /// - Throws: as `insert`.
    public func flush() throws(ImpRAGError) {
        guard let database, access == .readWrite else { return }
        try writer.withLock { writer throws(ImpRAGError) in
            try writeUses(&writer)
            do throws(RocksDBError) {
                try database.flush()
            } catch {
                throw failed(error, &writer)
            }
        }
    }

    // MARK: Shared by the facets

    /// Evicts until the store is within its budget.
    func shrink() throws(ImpRAGError) {
        guard access == .readWrite else { return }
        try writer.withLock { writer throws(ImpRAGError) in
            let gone = state.withLock { state in
                let gone = state.ledger.makeRoom(for: 0, budget: budget.bytes)
                state.evictions += gone.count
                return gone
            }
            if !gone.isEmpty { try delete(gone, &writer) }
            collect(&writer)
        }
    }

    /// Removes states from disk.
    func delete(_ keys: [StateKey], _ writer: inout WriterState) throws(ImpRAGError) {
        guard let database else { return }
        var batch = WriteBatch()
        for key in keys { remove(key, from: &batch, database) }
        try write(batch, &writer)
    }

    /// Writes last uses that are not on disk yet.
    func writeUses(_ writer: inout WriterState) throws(ImpRAGError) {
        guard let database else { return }
        let uses = state.withLock { state in
            defer { state.touched = [] }
            return state.touched.compactMap { key in
                state.ledger.size(of: key).flatMap { size in
                    state.ledger.stamp(of: key).map { (key: key, value: PassageStateFormat.use(size: size, stamp: $0)) }
                }
            }
        }
        guard !uses.isEmpty else { return }
        var batch = WriteBatch()
        for use in uses {
            batch.put(PassageStateFormat.useKey(use.key), use.value, in: PassageStateFormat.family, of: database)
        }
        try write(batch, &writer)
    }

    // MARK: Private

    private func remove(_ key: StateKey, from batch: inout WriteBatch, _ database: Database) {
        batch.delete(PassageStateFormat.stateKey(key), in: PassageStateFormat.family, of: database)
        batch.delete(PassageStateFormat.useKey(key), in: PassageStateFormat.family, of: database)
    }

    private func write(_ batch: borrowing WriteBatch, _ writer: inout WriterState) throws(ImpRAGError) {
        guard let database else { return }
        do throws(RocksDBError) {
            if let failure = writer.failure { throw failure }
            try database.write(batch, .memory)
        } catch {
            throw failed(error, &writer)
        }
    }

    private func failed(_ error: RocksDBError, _ writer: inout WriterState) -> ImpRAGError {
        // RocksDB met damage while it moved blobs; the next process would meet it again.
        if writer.failure == nil, error.code == .dataLoss { Self.condemn(path) }
        writer.failure = error
        return error.wrapped("the states in \(path) cannot be written to any more")
    }

    /// Collects garbage when the disk use exceeds the budget by more than a fifth.
    ///
    /// RocksDB collects a file by itself once most of its oldest files are garbage, which bounds nothing. Each round
    /// rewrites the oldest files, which hold most of the garbage: files are in order of insertion, and so roughly of
    /// last use. Including what a round copies, the disk use stays below 1.5 times the budget.
    private func collect(_ writer: inout WriterState) {
        writer.unchecked = 0
        let (limit, overflow) = budget.bytes.addingReportingOverflow(budget.bytes / 5)
        guard let database, !overflow, writer.failure == nil else { return }
        // A round copies live states before it removes the old files.
        let reserve = ByteCount(limits.reserveBytes + budget.bytes / 4)
        if let available = availableSpace(path), available < reserve { return }
        for _ in 0..<Self.collectionRounds {
            let used = database.property("rocksdb.total-blob-file-size", of: PassageStateFormat.family) ?? 0
            guard used > limit else { return }
            database.compact(PassageStateFormat.family, rewritesAll: true)
        }
    }

    private static let collectionRounds = 5

    /// Bytes of new states between two checks of the disk use.
    private static func checkInterval(budget: ByteCount) -> Int { budget.bytes / 32 }
}
