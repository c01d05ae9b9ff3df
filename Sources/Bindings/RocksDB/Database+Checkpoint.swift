internal import CRocksDB

extension Database {
    /// Makes the new directory `path` a database with what this one holds now. It takes no room for tables and blobs on
    /// the same disk: their files get a second name there. Everything else is copied.
    ///
    /// Recent writes are flushed to tables first. Whoever writes meanwhile may find the write in it or not.
    ///
    /// - Throws: when there is something at `path`; RocksDB leaves nothing there then.
    public func checkpoint(to path: String) throws(RocksDBError) {
        try flush()
        defer { withExtendedLifetime(self) {} }
        var message: UnsafeMutablePointer<CChar>?
        let checkpoint = unsafe rocksdb_checkpoint_object_create(handle, &message)
        if let message = unsafe message {
            throw unsafe Self.take(message, call: "rocksdb_checkpoint_object_create", path: self.path)
        }
        defer { unsafe rocksdb_checkpoint_object_destroy(checkpoint) }
        // A log of at least 0 bytes is flushed: no write stays in a log.
        unsafe rocksdb_checkpoint_create(checkpoint, path, 0, &message)
        if let message = unsafe message {
            throw unsafe Self.take(message, call: "rocksdb_checkpoint_create", path: self.path)
        }
    }
}
