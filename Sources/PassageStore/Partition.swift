public import Core
internal import Foundation
internal import Platform
internal import RocksDB

/// One shard's passages and vectors, open for reading. The layout is described in `PartitionFormat.swift`.
///
/// Immutable, so all threads may read it, and so may several processes. Reads block: call them from a thread of your
/// own.
public final class Partition: Sendable {
    public let fingerprint: Fingerprint
    /// Numbers of a vector.
    public let dimension: Int
    /// Rows: passages.
    public let count: Int
    public let shard: Int
    public let shardCount: Int
    /// The database's directory.
    public let path: String

    let database: Database
    let blockRows: Int

    /// Opens the partition in the directory `path`.
    ///
    /// - Parameters:
    ///   - expected: the fingerprint of the model that the caller runs; nil takes what is there.
    ///   - cacheBytes: cache of passages read one by one.
    /// - Throws: `notFound` when there is no partition, `failedPrecondition` when it belongs to another model,
    ///   `dataLoss` when it is damaged.
    public convenience init(
        path: String, expecting expected: Fingerprint? = nil, cacheBytes: Int = 32 << 20
    ) throws(ImpRAGError) {
        guard FileManager.default.fileExists(atPath: path + "/CURRENT") else {
            throw ImpRAGError(
                FileManager.default.fileExists(atPath: path) ? .dataLoss : .notFound,
                "\(path) is not a partition: it holds no RocksDB database")
        }
        let database: Database
        do {
            database = try Database(
                path: path, families: PartitionFormat.families, access: .readOnly, cacheBytes: cacheBytes)
        } catch {
            throw error.wrapped("partition \(path) cannot be opened")
        }
        try self.init(database: database)
        try expected?.require(fingerprint, in: "partition \(path)")
    }

    /// Reads the header of an open database.
    init(database: Database) throws(ImpRAGError) {
        self.database = database
        path = database.path
        let (header, rows) = try Self.header(of: database)
        guard header.schema == PartitionFormat.schema else {
            throw ImpRAGError(
                .failedPrecondition,
                "partition \(database.path) has layout \(header.schema), this program reads \(PartitionFormat.schema); "
                    + "index the corpus again")
        }
        guard let fingerprint = Fingerprint(hex: header.fingerprint), header.dimension > 0,
            header.dimension <= 1 << 20, header.blockRows > 0, header.blockRows <= 1 << 20, header.shard >= 0
        else {
            throw ImpRAGError(.dataLoss, "partition \(database.path) is damaged: its header makes no sense")
        }
        self.fingerprint = fingerprint
        dimension = header.dimension
        shard = header.shard
        shardCount = header.shardCount
        blockRows = header.blockRows
        count = rows
        guard try hasLastRow() else {
            throw ImpRAGError(
                .dataLoss, "partition \(database.path) is damaged: it should have \(rows) rows, but the last is missing"
            )
        }
    }

    /// Memory that all vectors take: what an exact index over this partition will need.
    public var vectorBytes: ByteCount { ByteCount(count * dimension * 2) }

    // MARK: Reading

    /// The passages of `rows`, in that order.
    ///
    /// - Throws: `invalidArgument` for a row that is not there, `dataLoss` for a damaged one.
    public func passages(rows: [Int]) throws(ImpRAGError) -> [Passage] {
        var passages: [Passage] = []
        passages.reserveCapacity(rows.count)
        for row in rows {
            guard row >= 0, row < count else {
                throw ImpRAGError(.invalidArgument, "row \(row) is not in \(path), which has \(count) rows")
            }
            let bytes = try reading { () throws(RocksDBError) in
                try database.get(PartitionFormat.key(row), in: PartitionFormat.passages)
            }
            guard let bytes, let passage = PassageRecord.decode(bytes) else {
                throw ImpRAGError(.dataLoss, "partition \(path) is damaged: row \(row) has no readable passage")
            }
            passages.append(passage)
        }
        return passages
    }

    /// The row of the passage `id`, or nil when this partition does not hold it.
    public func row(of id: String) throws(ImpRAGError) -> Int? {
        let value = try reading { () throws(RocksDBError) in
            try database.get(Array(id.utf8), in: PartitionFormat.ids)
        }
        guard let value else { return nil }
        guard let row = PartitionFormat.number(value), row < count else {
            throw ImpRAGError(.dataLoss, "partition \(path) is damaged: the passage \(id) has no readable row")
        }
        return row
    }

    /// All vectors, `[count × dimension]`, row-major: what an exact index takes.
    ///
    /// - Throws: `dataLoss` when a block is missing or damaged.
    public func loadVectors() throws(ImpRAGError) -> [BFloat16] {
        var vectors: [BFloat16] = []
        vectors.reserveCapacity(count * dimension)
        var block = 0
        var bad: Int?
        let (count, dimension, blockRows) = (count, dimension, blockRows)
        try reading { () throws(RocksDBError) in
            try database.scan(PartitionFormat.vectors) { key, value in
                let expectedRows = min(blockRows, count - block * blockRows)
                guard expectedRows > 0 else { return false }
                guard value.byteCount == expectedRows * dimension * 2,
                    [UInt8](copying: key) == PartitionFormat.key(block)
                else {
                    bad = block
                    return false
                }
                vectors.append(littleEndian: value)
                block += 1
                return true
            }
        }
        guard bad == nil, vectors.count == count * dimension else {
            throw ImpRAGError(
                .dataLoss,
                "partition \(path) is damaged: block \(bad ?? block) of its vectors is missing or has a wrong size")
        }
        return vectors
    }

    /// The vectors of `rows`, `[rows.count × dimension]`, in that order: for rescoring.
    public func vectors(rows: [Int]) throws(ImpRAGError) -> [BFloat16] {
        var vectors: [BFloat16] = []
        vectors.reserveCapacity(rows.count * dimension)
        for row in rows {
            guard row >= 0, row < count else {
                throw ImpRAGError(.invalidArgument, "row \(row) is not in \(path), which has \(count) rows")
            }
            let start = row % blockRows * dimension * 2
            let byteCount = dimension * 2
            let found = try reading { () throws(RocksDBError) in
                try database.withValue(of: PartitionFormat.key(row / blockRows), in: PartitionFormat.vectors) { value in
                    guard start + byteCount <= value.byteCount else { return false }
                    vectors.append(littleEndian: value.extracting(start..<(start + byteCount)))
                    return true
                }
            }
            guard found == true else {
                throw ImpRAGError(.dataLoss, "partition \(path) is damaged: row \(row) has no vector")
            }
        }
        return vectors
    }

    /// SHA-256 over the contents in a fixed order: for each row the passage's record, preceded by its length as a
    /// 64-bit little-endian number; then the blocks of vectors. Two partitions with equal checksums hold the same rows
    /// in the same order with the same bits. Reads (and so verifies) everything.
    public func contentChecksum() throws(ImpRAGError) -> Fingerprint {
        var hasher = SHA256()
        var row = 0
        var inOrder = true
        try reading { () throws(RocksDBError) in
            try database.scan(PartitionFormat.passages) { key, value in
                inOrder = [UInt8](copying: key) == PartitionFormat.key(row)
                hasher.update(PartitionFormat.number(value.byteCount))
                hasher.update(value)
                row += 1
                return inOrder
            }
            try database.scan(PartitionFormat.vectors) { _, value in
                hasher.update(value)
                return true
            }
        }
        guard inOrder, row == count, let checksum = Fingerprint(bytes: hasher.finish()) else {
            throw ImpRAGError(.dataLoss, "partition \(path) is damaged: of its \(count) rows only \(row) are in order")
        }
        return checksum
    }

    // MARK: Private

    /// Whether the last row is there, as "rows" says: checked before anybody makes room for so many.
    private func hasLastRow() throws(ImpRAGError) -> Bool {
        if count == 0 { return true }
        let (lastRow, lastBlock) = (count - 1, (count - 1) / blockRows)
        return try reading { () throws(RocksDBError) in
            let passage = try database.get(PartitionFormat.key(lastRow), in: PartitionFormat.passages)
            let block = try database.get(PartitionFormat.key(lastBlock), in: PartitionFormat.vectors)
            return passage != nil && block != nil
        }
    }

    private func reading<Value>(_ body: () throws(RocksDBError) -> Value) throws(ImpRAGError) -> Value {
        do {
            return try body()
        } catch {
            throw error.wrapped("partition \(path) cannot be read")
        }
    }

    /// The header and the number of rows of `database`.
    static func header(of database: Database) throws(ImpRAGError) -> (PartitionHeader, rows: Int) {
        let damaged = "partition \(database.path) is damaged: it has no readable header"
        do throws(RocksDBError) {
            guard let bytes = try database.get(PartitionFormat.headerKey, in: PartitionFormat.metadata),
                let header = try? JSONDecoder().decode(PartitionHeader.self, from: Data(bytes)),
                let value = try database.get(PartitionFormat.rowsKey, in: PartitionFormat.metadata),
                let rows = PartitionFormat.number(value), rows < 1 << 40
            else { throw RocksDBError(call: "rocksdb_get", path: database.path, message: "Corruption: no header") }
            return (header, rows)
        } catch {
            throw error.wrapped(damaged)
        }
    }
}
