internal import CRocksDB

extension Database {
    /// How durable a write is when `write` returns.
    public enum Durability: Sendable {
        /// On disk: survives a crash of the machine.
        case synced
        /// In the system's memory: survives this process but not a crash of the machine. Writes stay in order, so a
        /// later synced write makes it durable too.
        case logged
        /// In this process's memory until `flush`: for scratch databases that are rebuilt after a failure.
        case memory
    }

    /// Applies `batch`, all or nothing.
    public func write(_ batch: borrowing WriteBatch, _ durability: Durability) throws(RocksDBError) {
        defer { withExtendedLifetime(self) {} }
        let options = unsafe rocksdb_writeoptions_create()
        defer { unsafe rocksdb_writeoptions_destroy(options) }
        switch durability {
        case .synced: unsafe rocksdb_writeoptions_set_sync(options, 1)
        case .logged: break
        case .memory: unsafe rocksdb_writeoptions_disable_WAL(options, 1)
        }
        var message: UnsafeMutablePointer<CChar>?
        unsafe rocksdb_write(handle, options, batch.handle, &message)
        if let message = unsafe message { throw unsafe failure(message, call: "rocksdb_write") }
    }

    /// Flushes everything from memory and the log to table files.
    public func flush() throws(RocksDBError) {
        defer { withExtendedLifetime(self) {} }
        let options = unsafe rocksdb_flushoptions_create()
        defer { unsafe rocksdb_flushoptions_destroy(options) }
        unsafe rocksdb_flushoptions_set_wait(options, 1)
        for family in 0..<familyCount {
            var message: UnsafeMutablePointer<CChar>?
            unsafe rocksdb_flush_cf(handle, options, familyHandle(family), &message)
            if let message = unsafe message { throw unsafe failure(message, call: "rocksdb_flush") }
        }
    }

    /// Merges the tables of `family` until each key is in only one of them; blocks until done. Tables that do not
    /// overlap are moved, not copied. RocksDB reports no error here; a damaged table shows when it is read.
    ///
    /// - Parameter rewritesAll: copies those too, which also collects garbage in the oldest `BlobFiles`.
    public func compact(_ family: Int, rewritesAll: Bool = false) {
        defer { withExtendedLifetime(self) {} }
        let options = unsafe rocksdb_compactoptions_create()
        defer { unsafe rocksdb_compactoptions_destroy(options) }
        // RocksDB's `BottommostLevelCompaction`: kForce, and its default, kIfHaveCompactionFilter.
        unsafe rocksdb_compactoptions_set_bottommost_level_compaction(options, rewritesAll ? 2 : 1)
        unsafe rocksdb_compact_range_cf_opt(handle, familyHandle(family), options, nil, 0, nil, 0)
    }
}
