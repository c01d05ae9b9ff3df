internal import CRocksDB
internal import Foundation
internal import Synchronization

/// An open RocksDB database: ordered byte keys to byte values in a few column families.
///
/// Any thread may read and write; RocksDB orders the writes. Closed with the last reference.
@safe public final class Database: Sendable {
    /// How the database is opened.
    public enum Access: Sendable {
        /// No lock, no writes; several processes may do so at once, even alongside a writer.
        case readOnly
        /// The database must exist; locks it against other writers.
        case readWrite
        /// Created if it does not exist; locks it against other writers.
        case create
    }

    /// The directory.
    public let path: String
    public let familyCount: Int
    // Sendable: `rocksdb_t` and its family handles are documented as safe for concurrent use, the option objects are
    // never changed after `init`, and all are freed only in `deinit`: what calls RocksDB extends this object's
    // lifetime, because the optimizer ends objects after their last use.
    nonisolated(unsafe) let handle: OpaquePointer?
    private nonisolated(unsafe) let families: [OpaquePointer?]
    nonisolated(unsafe) let readOptions: OpaquePointer?
    /// Whether a write or a flush has failed.
    private let hasFailed = Atomic(false)

    /// Opens the database in the directory `path`.
    ///
    /// - Parameters:
    ///   - families: one of them named `default`; other calls name a family by its index here.
    ///   - cacheBytes: cache of data blocks, shared by the families.
    ///   - writeBufferBytes: memory for recent writes of each family.
    ///   - totalWriteBufferBytes: memory for recent writes of all families together; nil for no limit but the former.
    public init(
        path: String, families: [ColumnFamily], access: Access, cacheBytes: Int = 32 << 20,
        writeBufferBytes: Int = 16 << 20, totalWriteBufferBytes: Int? = nil
    ) throws(RocksDBError) {
        let cache = unsafe rocksdb_cache_create_lru(max(cacheBytes, 1 << 20))
        let databaseOptions = unsafe Self.options(path, access, totalWriteBufferBytes: totalWriteBufferBytes)
        var familyOptions: [OpaquePointer?] = unsafe []
        defer {
            unsafe rocksdb_options_destroy(databaseOptions)
            unsafe familyOptions.forEach { unsafe rocksdb_options_destroy($0) }
            unsafe rocksdb_cache_destroy(cache)
        }
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
        // After a failed write to the log (a full disk), closing writes to the log once more, and RocksDB 7.8 fails an
        // assertion, which Debian's build has enabled: it would abort the process before the error is reported. The
        // disk is consistent without closing; only memory and the lock stay until the process ends.
        if hasFailed.load(ordering: .relaxed) { return }
        unsafe families.forEach { unsafe rocksdb_column_family_handle_destroy($0) }
        unsafe rocksdb_close(handle)
    }

    /// The names of the families of the database in the directory `path`, which may be open elsewhere.
    public static func familyNames(path: String) throws(RocksDBError) -> [String] {
        let options = unsafe rocksdb_options_create()
        defer { unsafe rocksdb_options_destroy(options) }
        var count = 0
        var message: UnsafeMutablePointer<CChar>?
        let names = unsafe rocksdb_list_column_families(options, path, &count, &message)
        if let message = unsafe message {
            throw unsafe take(message, call: "rocksdb_list_column_families", path: path)
        }
        defer { unsafe rocksdb_list_column_families_destroy(names, count) }
        return (0..<count).compactMap { unsafe names?[$0].map { unsafe String(cString: $0) } }
    }

    // MARK: Private

    func familyHandle(_ family: Int) -> OpaquePointer? {
        precondition(family >= 0 && family < familyCount, "family \(family) of \(familyCount)")
        return unsafe families[family]
    }

    /// The error of a failed write.
    func failure(_ message: UnsafeMutablePointer<CChar>, call: String) -> RocksDBError {
        hasFailed.store(true, ordering: .relaxed)
        return unsafe Self.take(message, call: call, path: path)
    }

    /// The options of the whole database.
    private static func options(_ path: String, _ access: Access, totalWriteBufferBytes: Int?) -> OpaquePointer? {
        let options = unsafe rocksdb_options_create()
        unsafe rocksdb_options_set_create_if_missing(options, access == .create ? 1 : 0)
        unsafe rocksdb_options_set_create_missing_column_families(options, access == .create ? 1 : 0)
        unsafe rocksdb_options_set_keep_log_file_num(options, 1)
        // RocksDB starts 16 threads for every family that it opens and every table that it writes, and zeroes their
        // memory: three quarters of the time it takes to create a small database. Only many tables are worth that.
        let tables = (try? FileManager.default.contentsOfDirectory(atPath: path))?.count { $0.hasSuffix(".sst") } ?? 0
        unsafe rocksdb_options_set_max_file_opening_threads(options, Int32(clamping: min(16, 1 + tables / 16)))
        // Fatal ones only. RocksDB 7.8 keeps logging after a failed write (a full disk) and runs into an assertion,
        // which Debian's build has enabled: it would abort the process. What matters is returned as an error.
        unsafe rocksdb_options_set_info_log_level(options, 4)
        // After a kill a log may end in the middle of a write. RocksDB's default treats damage anywhere in the log as
        // such an end, and silently drops every write after it.
        unsafe rocksdb_options_set_wal_recovery_mode(
            options, Int32(rocksdb_tolerate_corrupted_tail_records_recovery))
        if let totalWriteBufferBytes {
            unsafe rocksdb_options_set_db_write_buffer_size(options, totalWriteBufferBytes)
            // A rarely written family would keep every log since its last flush alive, to be replayed on open.
            unsafe rocksdb_options_set_max_total_wal_size(options, UInt64(2 * totalWriteBufferBytes))
        }
        return unsafe options
    }

    private static func options(
        of family: ColumnFamily, cache: OpaquePointer?, writeBufferBytes: Int
    ) -> OpaquePointer? {
        let options = unsafe rocksdb_options_create()
        unsafe rocksdb_options_set_write_buffer_size(options, family.writeBufferBytes ?? writeBufferBytes)
        unsafe rocksdb_options_set_target_file_size_base(options, UInt64(family.tableBytes))
        let compression =
            switch family.compression {
            case .none: rocksdb_no_compression
            case .lz4: rocksdb_lz4_compression
            }
        unsafe rocksdb_options_set_compression(options, Int32(compression))
        if let blobs = family.blobs {
            unsafe rocksdb_options_set_enable_blob_files(options, 1)
            unsafe rocksdb_options_set_min_blob_size(options, UInt64(blobs.minimumBytes))
            unsafe rocksdb_options_set_blob_file_size(options, UInt64(blobs.fileBytes))
            unsafe rocksdb_options_set_blob_compression_type(options, Int32(rocksdb_no_compression))
            unsafe rocksdb_options_set_enable_blob_gc(options, 1)
            unsafe rocksdb_options_set_blob_gc_age_cutoff(options, blobs.collectedShare)
            unsafe rocksdb_options_set_blob_gc_force_threshold(options, blobs.garbageShare)
        }
        let table = unsafe rocksdb_block_based_options_create()
        defer { unsafe rocksdb_block_based_options_destroy(table) }
        unsafe rocksdb_block_based_options_set_block_size(table, family.blockBytes)
        unsafe rocksdb_block_based_options_set_index_block_restart_interval(
            table, Int32(family.indexRestartInterval))
        if family.usesBlockCache {
            unsafe rocksdb_block_based_options_set_block_cache(table, cache)
        } else {
            unsafe rocksdb_block_based_options_set_no_block_cache(table, 1)
        }
        if family.bloomBitsPerKey > 0 {
            // The table options own the policy from here on.
            let policy = unsafe rocksdb_filterpolicy_create_bloom_full(Double(family.bloomBitsPerKey))
            unsafe rocksdb_block_based_options_set_filter_policy(table, policy)
        }
        unsafe rocksdb_options_set_block_based_table_factory(options, table)
        return unsafe options
    }

    /// The error that RocksDB allocated at `message`, which is freed.
    static func take(_ message: UnsafeMutablePointer<CChar>, call: String, path: String) -> RocksDBError {
        defer { unsafe rocksdb_free(message) }
        return RocksDBError(call: call, path: path, message: unsafe String(cString: message))
    }
}
