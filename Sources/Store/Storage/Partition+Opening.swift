internal import Bitmaps
package import Core
internal import Foundation
internal import RocksDB

extension Partition {
    /// Opens the database at `path`. A reader retries when a table file is gone: a writing process may have compacted
    /// it away after the reader had listed the tables.
    static func database(_ path: String, _ access: Access, cacheBytes: Int) throws(RocksDBError) -> Database {
        var triesLeft = access == .readOnly ? 5 : 1
        while true {
            do {
                return try Database(
                    path: path, families: try PartitionFormat.families(at: path),
                    access: access == .readOnly ? .readOnly : .readWrite, cacheBytes: cacheBytes,
                    totalWriteBufferBytes: writeBufferBytes)
            } catch {
                triesLeft -= 1
                guard triesLeft > 0, error.isMissingFile else { throw error }
            }
        }
    }

    /// Whether anything was written after bulk indexing to the partition in the directory `path`, which may have a
    /// former layout.
    package static func wasChanged(at path: String) throws(ImpRAGError) -> Bool {
        let database: Database
        do {
            database = try Self.database(path, .readOnly, cacheBytes: 1 << 20)
        } catch {
            throw error.wrapped("partition \(path) cannot be opened")
        }
        return try counter(PartitionFormat.changesKey, of: database) ?? 0 > 0
    }

    /// The write-ahead log of what is in no table yet.
    static func newestLog(in path: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".log") }.max().map { "\(path)/\($0)" }
    }

    /// The header and the row limit of `database`.
    static func header(of database: Database) throws(ImpRAGError) -> (PartitionHeader, rows: Int) {
        let bytes: [UInt8]?
        do {
            bytes = try database.get(PartitionFormat.headerKey, in: PartitionFormat.metadata)
        } catch {
            throw error.wrapped("the header of partition \(database.path) cannot be read")
        }
        guard
            let header = try bytes.flatMap({ bytes throws(ImpRAGError) in
                try PartitionHeader(stored: bytes, of: database.path)
            }), let rows = try counter(PartitionFormat.rowsKey, of: database), rows < 1 << 40
        else {
            throw ImpRAGError(.dataLoss, "partition \(database.path) is damaged: it has no readable header")
        }
        return (header, rows)
    }

    /// The number at `key`; nil when there is none.
    static func counter(_ key: [UInt8], of database: Database) throws(ImpRAGError) -> Int? {
        try metadata(key, of: database, "counter", as: PartitionFormat.number)
    }

    /// How much of the log is in `database`; nil when it follows none.
    static func position(of database: Database) throws(ImpRAGError) -> LogPosition? {
        try metadata(PartitionFormat.logKey, of: database, "position", as: PartitionFormat.position)
    }

    private static func metadata<Value>(
        _ key: [UInt8], of database: Database, _ what: String, as decode: ([UInt8]) -> Value?
    ) throws(ImpRAGError) -> Value? {
        let bytes: [UInt8]?
        do {
            bytes = try database.get(key, in: PartitionFormat.metadata)
        } catch {
            throw error.wrapped("partition \(database.path) cannot be read")
        }
        guard let bytes else { return nil }
        guard let value = decode(bytes) else {
            throw ImpRAGError(
                .dataLoss,
                "partition \(database.path) is damaged: its \(what) \(String(decoding: key, as: UTF8.self)) is not readable"
            )
        }
        return value
    }

    /// Which rows below `limit` are live: all but those with a tombstone or in a chunk's bitmap of purged rows.
    static func rows(of database: Database, limit: Int) throws(ImpRAGError) -> LiveRows {
        func damaged(_ what: String) -> ImpRAGError {
            ImpRAGError(.dataLoss, "partition \(database.path) is damaged: \(what)")
        }
        // Checked before memory is allocated for so many.
        let isWhole = limit == 0 ? true : try isKnown(limit - 1, in: database)
        guard isWhole else {
            throw damaged("it should have \(limit) rows, but the last is missing")
        }
        var state = LiveRows(limit: limit)
        var wrong: String?
        do {
            try database.scan(PartitionFormat.deleted) { key, value in
                let key = [UInt8](copying: key)
                if key.first == 1, value.byteCount == 0, let row = PartitionFormat.row(key, from: 1), row < limit {
                    state.live.remove(row)
                } else if key.first == 0, let chunk = PartitionFormat.shortNumber(key, from: 1),
                    let rows = Bitmap.posting(value, chunk: chunk), rows.bounds?.upperBound ?? 0 < limit
                {
                    rows.forEachPiece { piece in
                        for index in piece.indices { state.live.remove(Int(piece[index])) }
                    }
                } else {
                    wrong = "its deleted rows are not readable"
                }
                return wrong == nil
            }
        } catch {
            throw error.wrapped("partition \(database.path) cannot be read")
        }
        if let wrong { throw damaged(wrong) }
        return state
    }

    /// Whether `row` has a vector or is recorded as dead.
    private static func isKnown(_ row: Int, in database: Database) throws(ImpRAGError) -> Bool {
        do {
            if try database.withValue(ofNumber: row, in: PartitionFormat.vectors, { _ in true }) == true { return true }
            if try database.get(PartitionFormat.tombstoneKey(row), in: PartitionFormat.deleted) != nil { return true }
            let chunk = row >> PartitionFormat.chunkBits
            let purged = try database.get(PartitionFormat.purgedKey(chunk), in: PartitionFormat.deleted)
            return purged.flatMap { Bitmap.posting($0, chunk: chunk)?.bounds?.upperBound } == row
        } catch {
            throw error.wrapped("partition \(database.path) cannot be read")
        }
    }
}

extension Bitmap {
    /// The rows that `bytes` are, all of them of one chunk; nil when they are anything else.
    static func posting(_ bytes: RawSpan, chunk: Int) -> Bitmap? {
        guard let bitmap = Bitmap(portable: bytes), bitmap.isPart(of: chunk) else { return nil }
        return bitmap
    }

    /// The same from an array.
    static func posting(_ bytes: [UInt8], chunk: Int) -> Bitmap? {
        guard let bitmap = Bitmap(portable: bytes), bitmap.isPart(of: chunk) else { return nil }
        return bitmap
    }

    private func isPart(of chunk: Int) -> Bool {
        guard let bounds else { return true }
        return bounds.lowerBound >> PartitionFormat.chunkBits == chunk
            && bounds.upperBound >> PartitionFormat.chunkBits == chunk
    }
}
