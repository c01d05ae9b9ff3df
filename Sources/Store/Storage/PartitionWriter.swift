public import Core
internal import Foundation
internal import Platform
internal import RocksDB
public import Words

/// Fills a new partition in bulk; one owner, and RocksDB's lock keeps other processes out.
///
/// Rows stand in the order in which they were appended, and each append is one atomic write. A partition whose writer
/// was stopped holds whole batches, and when the same batches follow it ends up identical to an uninterrupted one.
// Sendable: its one owner lends it to one thread at a time.
public final class PartitionWriter: @unchecked Sendable {
    public let path: String
    public let dimension: Int
    /// Rows on disk. A new writer continues from here.
    public private(set) var count: Int

    /// Nil when bulk indexing has ended.
    private var database: Database?
    /// Nil without a lexical index.
    private var words: BulkWords?

    /// Opens or creates the partition in the directory `path`.
    ///
    /// - Parameter writeBufferBytes: memory for recent writes of each column family; four times that for all together.
    /// - Throws: `failedPrecondition` when there is a partition of another model, number or layout, or one that was
    ///   changed after its bulk indexing.
    public init(
        path: String, fingerprint: Fingerprint, dimension: Int, number: Int, partitionCount: Int,
        writeBufferBytes: Int = 16 << 20, words: WordAnalysis? = .english
    ) throws(ImpRAGError) {
        precondition(dimension > 0)
        let header = PartitionHeader(
            schema: PartitionFormat.schema, fingerprint: fingerprint.description, dimension: dimension, number: number,
            partitionCount: partitionCount)
        let database: Database
        do throws(RocksDBError) {
            database = try Self.database(path, header, words, writeBufferBytes: writeBufferBytes)
        } catch {
            throw error.wrapped("partition \(path) cannot be opened for writing")
        }
        let (found, rows) = try Partition.header(of: database)
        guard found == header else {
            throw ImpRAGError(
                .failedPrecondition,
                "partition \(path) was begun with other settings (\(found)) than these (\(header)); remove it first")
        }
        guard try Partition.counter(PartitionFormat.changesKey, of: database) == nil else {
            throw ImpRAGError(
                .failedPrecondition,
                "partition \(path) was changed after it was indexed; it cannot be filled in bulk any more")
        }
        self.words = try BulkWords(
            database, rows: rows, wanted: words, tokenLimit: max(1 << 18, writeBufferBytes / 2))
        self.database = database
        self.path = path
        self.dimension = dimension
        count = rows
    }

    /// Opens the database, or creates one without rows.
    private static func database(
        _ path: String, _ header: PartitionHeader, _ words: WordAnalysis?, writeBufferBytes: Int
    ) throws(RocksDBError) -> Database {
        // RocksDB creates families one by one. If a process was killed in between, the missing ones are created now.
        let families =
            if words != nil {
                PartitionFormat.families
            } else if FileManager.default.fileExists(atPath: path + "/CURRENT") {
                try PartitionFormat.families(at: path)
            } else {
                Array(PartitionFormat.families[..<PartitionFormat.words])
            }
        let database = try Database(
            path: path, families: families, access: .create, writeBufferBytes: writeBufferBytes,
            totalWriteBufferBytes: 4 * writeBufferBytes)
        if try database.get(PartitionFormat.headerKey, in: PartitionFormat.metadata) == nil {
            var batch = WriteBatch()
            batch.put(PartitionFormat.headerKey, header.bytes, in: PartitionFormat.metadata, of: database)
            batch.put(PartitionFormat.rowsKey, PartitionFormat.number(0), in: PartitionFormat.metadata, of: database)
            if let words { WordsHeader(words).put(into: &batch, of: database) }
            try database.write(batch, .synced)
        }
        return database
    }

    /// Appends `passages` with their vectors, atomically, and returns when they are on disk.
    ///
    /// - Parameters:
    ///   - passages: ids must be unique over all calls; that is not checked.
    ///   - vectors: `[passages.count × dimension]`, rounded to bf16.
    /// - Throws: `invalidArgument` as `Partition.upsert`; `resourceExhausted` when the disk is full; what was appended
    ///   before stays whole.
    public func append(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) {
        guard !passages.isEmpty else { return }
        try Partition.check(passages, vectors, dimension: dimension)
        let total = count + passages.count
        guard total <= PartitionFormat.rowLimitMaximum else {
            throw ImpRAGError(
                .resourceExhausted, "\(path) can hold \(PartitionFormat.rowLimitMaximum) rows; use more partitions")
        }
        let database = try opened()
        try words?.writeIfFull(rows: count)
        var batch = RowBatch(database)
        for (place, passage) in passages.enumerated() {
            batch.add(count + place, passage, vector: vectors[(place * dimension)..<((place + 1) * dimension)])
        }
        batch.set(PartitionFormat.rowsKey, to: total)
        try batch.addPostings()
        do {
            try database.write(batch.changes, .synced)
        } catch {
            throw error.wrapped("partition \(path) cannot take rows \(count) to \(total - 1)")
        }
        for (place, passage) in passages.enumerated() { words?.add(count + place, passage) }
        count = total
    }

    /// Ends bulk indexing: compacts everything into sorted, checksummed tables, reads it all back and returns the
    /// checksum of the contents. This closes the partition, even while the writer lives: others may open it for
    /// writing.
    public func finish() throws(ImpRAGError) -> Fingerprint {
        let database = try opened()
        try words?.write(rows: count)
        let hasWords = words != nil
        words = nil
        self.database = nil
        if hasWords { try Partition(database: database, access: .readWrite, availableSpace: { _ in nil }).sweepWords() }
        do throws(RocksDBError) {
            var batch = WriteBatch()
            batch.put(
                PartitionFormat.bulkKey, PartitionFormat.number(count), in: PartitionFormat.metadata, of: database)
            try database.write(batch, .synced)
            try database.flush()
        } catch {
            throw error.wrapped("partition \(path) cannot be flushed")
        }
        for family in 0..<database.familyCount { database.compact(family) }
        return try Partition(database: database, access: .readOnly, availableSpace: { _ in nil }).contentChecksum()
    }

    private func opened() throws(ImpRAGError) -> Database {
        guard let database else {
            throw ImpRAGError(.failedPrecondition, "the bulk indexing of \(path) has ended; upsert into the partition")
        }
        return database
    }
}
