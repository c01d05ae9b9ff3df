internal import CRocksDB
internal import Foundation
internal import Synchronization

/// An open RocksDB database: ordered byte keys to byte values in a few column families.
///
/// Any thread may read and write; RocksDB orders the writes itself. Closed when the last reference goes.
@safe public final class Database: Sendable {
    /// How the database is opened.
    public enum Access: Sendable {
        /// No lock, no writes; several processes may do so at once, also beside a writer.
        case readOnly
        /// The database must exist; locks it against other writers.
        case readWrite
        /// Made when it does not exist; locks it against other writers.
        case create
    }

    /// The directory.
    public let path: String
    private let familyCount: Int
    // Sendable: `rocksdb_t` and its family handles are documented as safe for concurrent use, the option objects are
    // never changed after `init`, and all are freed only in `deinit`: what calls RocksDB extends this object's lifetime,
    // because the optimizer ends objects after their last use.
    private nonisolated(unsafe) let handle: OpaquePointer?
    private nonisolated(unsafe) let families: [OpaquePointer?]
    private nonisolated(unsafe) let readOptions: OpaquePointer?
    /// Whether a write or a flush has failed.
    private let hasFailed = Atomic(false)

    /// Opens the database in the directory `path`.
    ///
    /// - Parameters:
    ///   - families: one of them named `default`; other calls name a family by its index here.
    ///   - cacheBytes: cache of data blocks, shared by the families.
    ///   - writeBufferBytes: memory for recent writes of each family.
    public init(
        path: String, families: [ColumnFamily], access: Access, cacheBytes: Int = 32 << 20,
        writeBufferBytes: Int = 16 << 20
    ) throws(RocksDBError) {
        let cache = unsafe rocksdb_cache_create_lru(max(cacheBytes, 1 << 20))
        let databaseOptions = unsafe rocksdb_options_create()
        var familyOptions: [OpaquePointer?] = unsafe []
        defer {
            unsafe rocksdb_options_destroy(databaseOptions)
            unsafe familyOptions.forEach { unsafe rocksdb_options_destroy($0) }
            unsafe rocksdb_cache_destroy(cache)
        }
        unsafe rocksdb_options_set_create_if_missing(databaseOptions, access == .create ? 1 : 0)
        unsafe rocksdb_options_set_create_missing_column_families(databaseOptions, access == .create ? 1 : 0)
        unsafe rocksdb_options_set_keep_log_file_num(databaseOptions, 1)
        unsafe rocksdb_options_set_info_log_level(databaseOptions, 2)  // warnings
        for family in families {
            unsafe familyOptions.append(
                Self.options(of: family, cache: cache, writeBufferBytes: writeBufferBytes))
        }
        let names = unsafe families.map { unsafe strdup($0.name) }
        defer { unsafe names.forEach { unsafe free($0) } }
        var handles = unsafe [OpaquePointer?](repeating: nil, count: families.count)
        var message: UnsafeMutablePointer<CChar>?
        let constantNames = unsafe names.map { unsafe UnsafePointer<CChar>($0) }
        let opened =
            if access == .readOnly {
                unsafe rocksdb_open_for_read_only_column_families(
                    databaseOptions, path, Int32(families.count), constantNames, familyOptions, &handles, 0, &message)
            } else {
                unsafe rocksdb_open_column_families(
                    databaseOptions, path, Int32(families.count), constantNames, familyOptions, &handles, &message)
            }
        if let message = unsafe message {
            throw unsafe Self.take(message, call: "rocksdb_open", path: path)
        }
        self.path = path
        familyCount = families.count
        unsafe handle = opened
        unsafe self.families = handles
        unsafe readOptions = rocksdb_readoptions_create()
        unsafe rocksdb_readoptions_set_verify_checksums(readOptions, 1)
    }

    deinit {
        unsafe rocksdb_readoptions_destroy(readOptions)
        // After a failed write to the log (a full disk), closing writes to the log once more and RocksDB 7.8 answers
        // that with an assertion, which Debian's build has switched on: it would end the process before anybody reads
        // the error. What is on the disk is whole without closing; only memory and the lock stay until the process ends.
        if hasFailed.load(ordering: .relaxed) { return }
        unsafe families.forEach { unsafe rocksdb_column_family_handle_destroy($0) }
        unsafe rocksdb_close(handle)
    }

    // MARK: Reading

    /// The value of `key`, or nil when there is none.
    public func get(_ key: [UInt8], in family: Int) throws(RocksDBError) -> [UInt8]? {
        try withValue(of: key, in: family) { Array(copying: $0) }
    }

    /// Lends the value of `key` to `body` without a copy; nil when there is none.
    public func withValue<Value>(
        of key: [UInt8], in family: Int, _ body: (RawSpan) -> Value
    ) throws(RocksDBError) -> Value? {
        defer { withExtendedLifetime(self) {} }
        var message: UnsafeMutablePointer<CChar>?
        let familyHandle = unsafe familyHandle(family)
        let slice = unsafe withCharacters(key) { base, count in
            unsafe rocksdb_get_pinned_cf(handle, readOptions, familyHandle, base, count, &message)
        }
        if let message = unsafe message { throw unsafe Self.take(message, call: "rocksdb_get", path: path) }
        guard let slice = unsafe slice else { return nil }
        defer { unsafe rocksdb_pinnableslice_destroy(slice) }
        var count = 0
        let base = unsafe rocksdb_pinnableslice_value(slice, &count)
        return unsafe body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    /// Lends every entry of `family` whose key is at least `first` to `body`, in key order, until it returns false.
    ///
    /// The entries are those of one moment: writes that come later are not seen. Large scans do not push other
    /// blocks out of the cache.
    public func scan(
        _ family: Int, from first: [UInt8] = [], _ body: (_ key: RawSpan, _ value: RawSpan) -> Bool
    ) throws(RocksDBError) {
        defer { withExtendedLifetime(self) {} }
        let options = unsafe rocksdb_readoptions_create()
        unsafe rocksdb_readoptions_set_verify_checksums(options, 1)
        unsafe rocksdb_readoptions_set_fill_cache(options, 0)
        unsafe rocksdb_readoptions_set_readahead_size(options, 2 << 20)
        defer { unsafe rocksdb_readoptions_destroy(options) }
        let iterator = unsafe rocksdb_create_iterator_cf(handle, options, familyHandle(family))
        defer { unsafe rocksdb_iter_destroy(iterator) }
        unsafe withCharacters(first) { base, count in unsafe rocksdb_iter_seek(iterator, base, count) }
        while unsafe rocksdb_iter_valid(iterator) != 0 {
            var keyCount = 0
            var valueCount = 0
            let key = unsafe rocksdb_iter_key(iterator, &keyCount)
            let value = unsafe rocksdb_iter_value(iterator, &valueCount)
            let goesOn = unsafe body(
                UnsafeRawBufferPointer(start: key, count: keyCount).bytes,
                UnsafeRawBufferPointer(start: value, count: valueCount).bytes)
            guard goesOn else { break }
            unsafe rocksdb_iter_next(iterator)
        }
        var message: UnsafeMutablePointer<CChar>?
        unsafe rocksdb_iter_get_error(iterator, &message)
        if let message = unsafe message { throw unsafe Self.take(message, call: "rocksdb_iter_next", path: path) }
    }

    // MARK: Writing

    /// How far a write has got when `write` returns.
    public enum Durability: Sendable {
        /// On the disk: outlives the machine's failure.
        case synced
        /// In this process's memory until `flush`: for scratch databases that are made again after a failure.
        case memory
    }

    /// Applies `batch`, all or nothing.
    public func write(_ batch: borrowing WriteBatch, _ durability: Durability) throws(RocksDBError) {
        defer { withExtendedLifetime(self) {} }
        let options = unsafe rocksdb_writeoptions_create()
        defer { unsafe rocksdb_writeoptions_destroy(options) }
        switch durability {
        case .synced: unsafe rocksdb_writeoptions_set_sync(options, 1)
        case .memory: unsafe rocksdb_writeoptions_disable_WAL(options, 1)
        }
        var message: UnsafeMutablePointer<CChar>?
        unsafe rocksdb_write(handle, options, batch.handle, &message)
        if let message = unsafe message { throw unsafe failure(message, call: "rocksdb_write") }
    }

    /// Moves everything from memory and the log into table files.
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

    // MARK: Private

    func familyHandle(_ family: Int) -> OpaquePointer? {
        precondition(family >= 0 && family < familyCount, "family \(family) of \(familyCount)")
        return unsafe families[family]
    }

    /// The error of a failed write.
    private func failure(_ message: UnsafeMutablePointer<CChar>, call: String) -> RocksDBError {
        hasFailed.store(true, ordering: .relaxed)
        return unsafe Self.take(message, call: call, path: path)
    }

    private static func options(
        of family: ColumnFamily, cache: OpaquePointer?, writeBufferBytes: Int
    ) -> OpaquePointer? {
        let options = unsafe rocksdb_options_create()
        unsafe rocksdb_options_set_write_buffer_size(options, writeBufferBytes)
        let compression =
            switch family.compression {
            case .none: rocksdb_no_compression
            case .lz4: rocksdb_lz4_compression
            }
        unsafe rocksdb_options_set_compression(options, Int32(compression))
        let table = unsafe rocksdb_block_based_options_create()
        defer { unsafe rocksdb_block_based_options_destroy(table) }
        unsafe rocksdb_block_based_options_set_block_size(table, family.blockBytes)
        unsafe rocksdb_block_based_options_set_block_cache(table, cache)
        if family.bloomBitsPerKey > 0 {
            // The table options own the policy from here on.
            let policy = unsafe rocksdb_filterpolicy_create_bloom_full(Double(family.bloomBitsPerKey))
            unsafe rocksdb_block_based_options_set_filter_policy(table, policy)
        }
        unsafe rocksdb_options_set_block_based_table_factory(options, table)
        return unsafe options
    }

    /// The error that RocksDB allocated at `message`, which is freed.
    private static func take(_ message: UnsafeMutablePointer<CChar>, call: String, path: String) -> RocksDBError {
        defer { unsafe rocksdb_free(message) }
        return RocksDBError(call: call, path: path, message: unsafe String(cString: message))
    }
}
