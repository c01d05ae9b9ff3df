public import Core
internal import RocksDB
internal import Synchronization

extension StateStore {
    /// Stores the state `bytes` as `key`; one that is there already counts as used. The least recently used states go
    /// when it does not fit beside them.
    ///
    /// It outlives this process after `flush`, or when enough others have followed it.
    ///
    /// - Returns: false when it was not stored: the store is open for reading, the state is larger than the budget, or
    ///   the disk is too full to go on safely.
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

    /// Brings everything to the disk, last uses included.
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

    /// Brings the store back within its budget.
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

    /// Takes states off the disk.
    func delete(_ keys: [StateKey], _ writer: inout WriterState) throws(ImpRAGError) {
        guard let database else { return }
        var batch = WriteBatch()
        for key in keys { remove(key, from: &batch, database) }
        try write(batch, &writer)
    }

    /// Writes last uses that the disk does not know.
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
        // Met while RocksDB moved what is damaged; the next process would meet it again.
        if writer.failure == nil, error.code == .dataLoss { Self.condemn(path) }
        writer.failure = error
        return error.wrapped("the states in \(path) cannot be written to any more")
    }

    /// Removes what is deleted from the disk when it takes more than a fifth beside what is not.
    ///
    /// RocksDB collects garbage by itself when most of its oldest files are, which is no bound. Each round empties the
    /// oldest files; in the order of insertion, hence mostly of the least recent use, they have most of it. With what a
    /// round copies, the disk use stays below 1.5 times the budget.
    private func collect(_ writer: inout WriterState) {
        writer.unchecked = 0
        let (limit, overflow) = budget.bytes.addingReportingOverflow(budget.bytes / 5)
        guard let database, !overflow, writer.failure == nil else { return }
        // A round copies what lives before it removes the old files.
        let reserve = ByteCount(limits.reserveBytes + budget.bytes / 4)
        if let available = availableSpace(path), available < reserve { return }
        for _ in 0..<Self.collectionRounds {
            let used = database.property("rocksdb.total-blob-file-size", of: PassageStateFormat.family) ?? 0
            guard used > limit else { return }
            database.compact(PassageStateFormat.family, rewritesAll: true)
        }
    }

    private static let collectionRounds = 5

    /// Bytes of new states between two looks at the disk use.
    private static func checkInterval(budget: ByteCount) -> Int { budget.bytes / 32 }
}
