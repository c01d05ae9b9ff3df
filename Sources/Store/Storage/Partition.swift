internal import Bitmaps
public import Core
internal import Foundation
internal import Platform
internal import RocksDB
internal import Synchronization
public import Words

/// A partition's passages, vectors, filters and vector index. The layout is described in `PartitionFormat.swift`.
///
/// Any thread may read and, if it was opened for that, write: writers wait for each other, readers for nobody's write.
/// A change is acknowledged once all of it is on disk. Reads and writes block: call them from a thread of your own.
public final class Partition: Sendable {
    public enum Access: Sendable {
        /// The partition as of its opening; any number of processes at once.
        case readOnly
        /// Excludes all other writers, of any process.
        case readWrite
    }

    public let fingerprint: Fingerprint
    /// Numbers of a vector.
    public let dimension: Int
    /// Which of the `partitionCount` ranges of the hash of ids it holds (`PartitionRouting`), from 0.
    public let number: Int
    public let partitionCount: Int
    /// The database's directory.
    public let path: String
    /// Passages at the end of bulk indexing; nil before that.
    public let bulkCount: Int?
    /// How text was analyzed; nil when the partition has no lexical index.
    public let words: WordAnalysis?

    let database: Database
    let access: Access
    let state: Mutex<LiveRows>
    /// Held for the whole of every write.
    let writer: Mutex<WriterState>
    /// RocksDB's lock file, which stays as long as the database is open: where it is gone, so is what the path named.
    let place: FileIdentity?
    /// The free space on the disk of a path; tests inject their own.
    let availableSpace: @Sendable (String) -> ByteCount?

    /// The writer's own state.
    struct WriterState {
        /// Writes since bulk indexing.
        var changes: Int
        /// The position in the log that is on the disk; that in `state` may be ahead of it.
        var recorded: LogPosition?
        /// What went wrong when a write failed; nothing is written after that.
        var failure: (any Error)?
    }

    /// Memory for recent writes, over all column families.
    static let writeBufferBytes = 32 << 20
    public static var writeBuffers: ByteCount { ByteCount(writeBufferBytes) }
    /// Disk space that opening for writing needs: the log is flushed to tables. On a full disk, Debian's build of
    /// RocksDB aborts on an assertion.
    static let openingBytes = ByteCount(2 * writeBufferBytes)

    /// Opens the partition in the directory `path`.
    ///
    /// - Parameters:
    ///   - expected: the fingerprint of the model that the caller runs; nil accepts any.
    ///   - cacheBytes: cache of passages read one by one and of postings.
    /// - Throws: `notFound` when there is no partition, `failedPrecondition` when it belongs to another model or layout
    ///   or another process writes to it, `dataLoss` when it is damaged.
    public convenience init(
        path: String, expecting expected: Fingerprint? = nil, access: Access = .readOnly, cacheBytes: Int = 32 << 20
    ) throws(ImpRAGError) {
        try self.init(
            path: path, expecting: expected, access: access, cacheBytes: cacheBytes,
            availableSpace: { FreeSpace.available(at: $0) })
    }

    convenience init(
        path: String, expecting expected: Fingerprint?, access: Access, cacheBytes: Int,
        availableSpace: @escaping @Sendable (String) -> ByteCount?
    ) throws(ImpRAGError) {
        guard FileManager.default.fileExists(atPath: path + "/CURRENT") else {
            throw ImpRAGError(
                FileManager.default.fileExists(atPath: path) ? .dataLoss : .notFound,
                "\(path) is not a partition: it holds no RocksDB database")
        }
        OpenFileLimit.raise()  // All table files stay open.
        if access == .readWrite, let available = availableSpace(path), available < Self.openingBytes {
            throw ImpRAGError(
                .resourceExhausted,
                "the disk of \(path) has \(available) left, and to open it for writing needs \(Self.openingBytes); make room, or "
                    + "serve it with \"read_only\": true")
        }
        let database: Database
        do throws(RocksDBError) {
            database = try Self.database(path, access, cacheBytes: cacheBytes)
        } catch {
            if access == .readWrite, error.isLock {
                throw ImpRAGError(
                    .failedPrecondition,
                    "partition \(path) is open for writing in another process, and one at a time can; stop that process, or "
                        + "serve the index with \"read_only\": true (`imprag up --read-only`) in both", cause: error)
            }
            // RocksDB names a damaged table, but not a damaged log.
            if error.code == .dataLoss, error.file == nil, let log = Self.newestLog(in: path) {
                throw ImpRAGError(
                    .dataLoss,
                    "partition \(path) cannot be opened: its log of recent writes, \(log), is damaged, or a file that is read "
                        + "with it", cause: error)
            }
            if error.message.contains("olumn famil") { throw PartitionHeader.otherLayout(path) }
            throw error.wrapped("partition \(path) cannot be opened")
        }
        try self.init(database: database, access: access, availableSpace: availableSpace)
        try expected?.require(fingerprint, in: "partition \(path)")
    }

    /// Reads the header and the rows of an open database.
    init(
        database: Database, access: Access, availableSpace: @escaping @Sendable (String) -> ByteCount?
    ) throws(ImpRAGError) {
        let path = database.path
        let (header, limit) = try Self.header(of: database)
        guard let fingerprint = Fingerprint(hex: header.fingerprint), header.dimension > 0,
            header.dimension <= 1 << 20, header.number >= 0, header.number < header.partitionCount,
            limit <= PartitionFormat.rowLimitMaximum
        else {
            throw ImpRAGError(.dataLoss, "partition \(path) is damaged: its header makes no sense")
        }
        self.database = database
        self.access = access
        self.availableSpace = availableSpace
        place = FileIdentity(path: database.path + "/LOCK")
        self.path = path
        self.fingerprint = fingerprint
        dimension = header.dimension
        number = header.number
        partitionCount = header.partitionCount
        bulkCount = try Self.counter(PartitionFormat.bulkKey, of: database)
        words = try Self.words(of: database, limit: limit)
        let changes = try Self.counter(PartitionFormat.changesKey, of: database) ?? 0
        let position = try Self.position(of: database)
        writer = Mutex(WriterState(changes: changes, recorded: position))
        var rows = try Self.rows(of: database, limit: limit)
        rows.sequence = changes
        rows.position = position
        state = Mutex(rows)
    }

    // MARK: Rows

    /// Rows are numbered 0 ..< rowLimit; a row that was replaced or deleted is never used again.
    public var rowLimit: Int { state.withLock { $0.limit } }

    /// Passages.
    public var count: Int { state.withLock { $0.live.count } }

    /// The rows that hold passages now. A copy that later changes do not affect; the next change copies one bit per
    /// row.
    public func liveRows() -> RowSet { state.withLock { $0.live } }

    /// Updates since bulk indexing.
    public var sequence: Int { state.withLock { $0.sequence } }

    /// Whether anything was written since bulk indexing.
    public var wasChanged: Bool { writer.withLock { $0.changes > 0 } }

    /// RocksDB's own estimate of the memory of its open tables (indexes and filters) and recent writes; its cache comes
    /// on top.
    public var tableMemory: ByteCount {
        ByteCount(
            (0..<database.familyCount).reduce(0) { sum, family in
                sum + (database.property("rocksdb.estimate-table-readers-mem", of: family) ?? 0)
                    + (database.property("rocksdb.cur-size-all-mem-tables", of: family) ?? 0)
            })
    }

    // MARK: Passages

    /// The passages of `rows`, in that order; nil for a row that was replaced or deleted.
    ///
    /// - Throws: `invalidArgument` for a row that never existed, `dataLoss` for a damaged one.
    public func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?] {
        let limit = rowLimit
        var passages: [Passage?] = []
        passages.reserveCapacity(rows.count)
        for row in rows {
            guard row >= 0, row < limit else {
                throw ImpRAGError(.invalidArgument, "row \(row) is not in \(path), which has \(limit) rows")
            }
            let bytes = try reading { () throws(RocksDBError) in
                try database.get(PartitionFormat.key(row), in: PartitionFormat.passages)
            }
            let passage = bytes.flatMap(PassageRecord.decode)
            // Checked after the read: a row that is still live must have had a record.
            guard passage != nil || (bytes == nil && isGone(row)) else {
                throw damaged("row \(row) has no readable passage")
            }
            passages.append(passage)
        }
        return passages
    }

    /// The row of the passage `id`, or nil when this partition does not hold it.
    public func row(of id: String) throws(ImpRAGError) -> Int? { try row(of: Array(id.utf8)) }

    func row(of id: [UInt8]) throws(ImpRAGError) -> Int? {
        let value = try reading { () throws(RocksDBError) in try database.get(id, in: PartitionFormat.ids) }
        guard let value else { return nil }
        guard let row = PartitionFormat.number(value), row < PartitionFormat.rowLimitMaximum else {
            throw damaged("the passage \(String(decoding: id, as: UTF8.self)) has no readable row")
        }
        return row
    }

    // MARK: Shared by the facets

    /// Whether `row` is dead, or dies with a write in progress.
    func isGone(_ row: Int) -> Bool {
        state.withLock { !$0.live.contains(row) || $0.leaving.contains(row) }
    }

    func damaged(_ what: String) -> ImpRAGError {
        ImpRAGError(.dataLoss, "partition \(path) is damaged: \(what)")
    }

    func reading<Value>(_ body: () throws(RocksDBError) -> Value) throws(ImpRAGError) -> Value {
        do throws(RocksDBError) {
            return try body()
        } catch {
            throw error.wrapped("partition \(path) cannot be read")
        }
    }
}
