internal import CRocksDB

/// A consistent view of a database at one moment. Any thread may read with it; while it lives, the database keeps what
/// has been overwritten since.
@safe public final class Snapshot: Sendable {
    // Sendable as the database's own handles: never changed after `init`, freed in `deinit` only.
    private let database: Database
    nonisolated(unsafe) let handle: OpaquePointer?
    nonisolated(unsafe) let readOptions: OpaquePointer?

    public init(_ database: Database) {
        self.database = database
        unsafe handle = rocksdb_create_snapshot(database.handle)
        unsafe readOptions = rocksdb_readoptions_create()
        unsafe rocksdb_readoptions_set_verify_checksums(readOptions, 1)
        unsafe rocksdb_readoptions_set_snapshot(readOptions, handle)
    }

    deinit {
        unsafe rocksdb_readoptions_destroy(readOptions)
        unsafe rocksdb_release_snapshot(database.handle, handle)
    }
}
