public import Core
internal import Foundation
internal import RocksDB

/// Appends rows to one shard's partition; one owner, and RocksDB's lock keeps every other process out.
public final class PartitionWriter {
    public let path: String
    public let dimension: Int
    /// Rows that are on the disk. A new writer goes on from here.
    public private(set) var count: Int

    private let database: Database
    private let blockRows: Int

    /// Opens or makes the partition in the directory `path`.
    ///
    /// - Parameter batchRows: rows of every `append` but the last; the size of vector blocks is derived from it and
    ///   must be the same when writing goes on.
    /// - Parameter writeBufferBytes: memory for recent writes of each of the partition's four keyspaces.
    /// - Throws: `failedPrecondition` when there is a partition of another model, shard or layout.
    public init(
        path: String, fingerprint: Fingerprint, dimension: Int, shard: Int, shardCount: Int, batchRows: Int,
        writeBufferBytes: Int = 16 << 20
    ) throws(ImpRAGError) {
        precondition(dimension > 0 && batchRows > 0)
        let header = PartitionHeader(
            schema: PartitionFormat.schema, fingerprint: fingerprint.description, dimension: dimension, shard: shard,
            shardCount: shardCount, blockRows: PartitionFormat.blockRows(dimension: dimension, limit: batchRows))
        precondition(batchRows % header.blockRows == 0, "\(batchRows) rows are not whole blocks of \(header.blockRows)")
        let isNew: Bool
        do throws(RocksDBError) {
            database = try Database(
                path: path, families: PartitionFormat.families, access: .create, writeBufferBytes: writeBufferBytes)
            isNew = try database.get(PartitionFormat.headerKey, in: PartitionFormat.metadata) == nil
            if isNew {
                var batch = WriteBatch()
                let bytes = (try? JSONEncoder().encode(header)).map { Array($0) } ?? []
                batch.put(PartitionFormat.headerKey, bytes, in: PartitionFormat.metadata, of: database)
                batch.put(
                    PartitionFormat.rowsKey, PartitionFormat.number(0), in: PartitionFormat.metadata, of: database)
                try database.write(batch, .synced)
            }
        } catch {
            throw error.wrapped("partition \(path) cannot be opened for writing")
        }
        let (found, rows) = try Partition.header(of: database)
        guard found == header else {
            throw ImpRAGError(
                .failedPrecondition,
                "partition \(path) was begun with other settings (\(found)) than these (\(header)); remove it first")
        }
        self.path = path
        self.dimension = dimension
        blockRows = header.blockRows
        count = rows
    }

    /// Appends `passages` with their vectors, all or none, and returns when they are on the disk.
    ///
    /// - Parameter vectors: `[passages.count × dimension]`, rounded to bf16.
    /// - Throws: `resourceExhausted` when the disk is full; what was appended before stays whole.
    public func append(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) {
        precondition(vectors.count == passages.count * dimension, "\(vectors.count) numbers for \(passages.count) rows")
        precondition(count % blockRows == 0, "a batch was appended after a shorter last one")
        guard !passages.isEmpty else { return }
        var batch = WriteBatch()
        for (offset, passage) in passages.enumerated() {
            let row = count + offset
            batch.put(
                PartitionFormat.key(row), PassageRecord.encode(passage), in: PartitionFormat.passages, of: database)
            batch.put(Array(passage.id.utf8), PartitionFormat.number(row), in: PartitionFormat.ids, of: database)
        }
        for start in stride(from: 0, to: passages.count, by: blockRows) {
            let end = min(start + blockRows, passages.count)
            batch.put(
                PartitionFormat.key((count + start) / blockRows),
                [UInt8](littleEndian: Array(vectors[(start * dimension)..<(end * dimension)])),
                in: PartitionFormat.vectors, of: database)
        }
        let total = count + passages.count
        batch.put(PartitionFormat.rowsKey, PartitionFormat.number(total), in: PartitionFormat.metadata, of: database)
        do {
            try database.write(batch, .synced)
        } catch {
            throw error.wrapped("partition \(path) cannot take rows \(count) to \(total - 1)")
        }
        count = total
    }

    /// Moves everything into checksummed table files, reads it all back and returns the checksum of the contents.
    public func finish() throws(ImpRAGError) -> Fingerprint {
        do {
            try database.flush()
        } catch {
            throw error.wrapped("partition \(path) cannot be flushed")
        }
        return try Partition(database: database).contentChecksum()
    }
}
