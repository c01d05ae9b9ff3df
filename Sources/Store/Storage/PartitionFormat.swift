// A partition is one RocksDB database. Numbers are little-endian, except in keys, where big-endian bytes sort as the
// numbers do.
//
//   family      key                          value
//   default     "header"                     JSON of PartitionHeader: schema, fingerprint, dimension, number
//   default     "rows"                       64 bits: the row limit; rows are 0 ..< limit and are never used again
//   default     "bulk"                       64 bits: passages when bulk indexing ended; missing before that
//   default     "changes"                    64 bits: writes after bulk indexing; missing is 0
//   default     "log"                        16 bytes: the collection; 64 bits: the epoch up to which its log is in here
//   default     "index"                      header of the vector index (VectorIndexBlock.swift); missing without one
//   default     "codes"                      64 bits: bytes of a code in the vector index; missing is the usual (CodeSize)
//   default     "words"                      JSON of WordsHeader: how text was analyzed; missing without a lexical index
//   default     "words-rows"                 64 bits: rows below it are in the lexical index
//   default     "words-sweep"                64 bits: rows and dead rows, summed, when maintenance last went through it
//   passages    64 bits: row                 PassageRecord; gone when the passage was replaced or deleted
//   ids         the passage's id             64 bits: row
//   vectors     64 bits: row                 the row's bf16 numbers; stays after a deletion until `purge`
//   deleted     0, 32 bits: chunk            bitmap of the chunk's rows that are dead and purged
//   deleted     1, 64 bits: row              empty: the row is dead
//   index       3 × 32 bits                  a block of the vector index (VectorIndexBlock+Key.swift)
//   postings    term, 32 bits: chunk         bitmap of the chunk's rows that have the term (MetadataTerm.swift)
//   words       0, 32 bits: piece            lengths in terms of the piece's 4096 rows, 16 bits each
//   words       1, term, 0, 32 bits: row     directory of an extent of the term's postings (WordCodec.swift), which begins
//                                            with row; 2³² - 1 stands for the growing extent, of less than a block
//   words       2, term, 0, 32 bits: row     that extent's data where its directory does not hold it
//   words       3, term                      64 bits: how many rows in the term's extents are dead; missing is 0
//
// A chunk is the 65,536 rows with one value of row >> 16: one container of a Roaring bitmap, so that a write rewrites
// at most 8 KiB per term. Bitmaps hold whole row numbers, which therefore end at 2³². Bits of dead rows stay in
// postings; readers mask them with the live rows.
//
// Everything that belongs to one acknowledged change is one write: rows with their records, ids, vectors and postings,
// the tombstones of the rows that they replace, their terms, and "rows". So a partition always holds whole changes and
// nothing else, wherever its writer was stopped. Only bulk indexing writes terms after rows, for many rows together;
// "words-rows" says how far it got, and a resumed run takes the rest from the passages.
//
// A segment of the log is one such write too, with the new "log" in it: so a follower that was stopped anywhere goes on
// with the segment after the last whole one. Segments that change nothing here are not written, so "log" may lag behind
// them; they are read again then. A partition that follows no log yet has no "log".
//
// A partition without a lexical index has neither the family nor the keys.

internal import Core
internal import RocksDB

/// Keys and column families of a partition.
enum PartitionFormat {
    static let schema = 3

    static let metadata = 0
    static let passages = 1
    static let ids = 2
    static let vectors = 3
    static let deleted = 4
    static let index = 5
    static let postings = 6
    static let words = 7

    /// The last of them is missing where there is no lexical index.
    static let families = [
        ColumnFamily("default", writeBufferBytes: 1 << 20),
        ColumnFamily("passages", compression: .lz4, blockBytes: 16 << 10),
        ColumnFamily("ids", blockBytes: 4 << 10, bloomBitsPerKey: 10),
        // Random reads of single rows: blocks of one row at 1024-d, and no block cache, because the page cache holds
        // the same bytes. Blocks of 4 KiB took 1.5 times as long: half of a read is copying and checksumming. The index
        // over so many blocks stays in memory; delta-coded, it takes 5 bytes per row at 1024-d.
        ColumnFamily(
            "vectors", blockBytes: 2 << 10, usesBlockCache: false, indexRestartInterval: 16, tableBytes: 256 << 20),
        ColumnFamily("deleted", writeBufferBytes: 1 << 20),
        ColumnFamily("index", blockBytes: 32 << 10, usesBlockCache: false, tableBytes: 256 << 20),
        ColumnFamily("postings", compression: .lz4, blockBytes: 8 << 10, bloomBitsPerKey: 10),
        // Many short keys with common prefixes: delta-coded, the index over blocks stays small.
        ColumnFamily("words", blockBytes: 16 << 10, bloomBitsPerKey: 10, indexRestartInterval: 16),
    ]

    static let headerKey = Array("header".utf8)
    static let rowsKey = Array("rows".utf8)
    static let bulkKey = Array("bulk".utf8)
    static let changesKey = Array("changes".utf8)
    static let logKey = Array("log".utf8)
    static let indexHeaderKey = Array("index".utf8)
    static let codesKey = Array("codes".utf8)
    static let wordsHeaderKey = Array("words".utf8)
    static let wordsRowsKey = Array("words-rows".utf8)
    static let wordsSweepKey = Array("words-sweep".utf8)

    /// The families of the database in the directory `path`: all, unless it was made without a lexical index.
    static func families(at path: String) throws(RocksDBError) -> [ColumnFamily] {
        let hasWords = try Database.familyNames(path: path).contains(families[words].name)
        return hasWords ? families : Array(families[..<words])
    }

    /// Row numbers are 32 bits: those of a bitmap.
    static let rowLimitMaximum = 1 << 32
    static let chunkBits = 16

    /// A row or another number of 64 bits as a key.
    static func key(_ number: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.append(bigEndian: UInt64(number))
        return writer.bytes
    }

    /// A number of 32 bits as a part of a key.
    static func shortKey(_ number: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.append(bigEndian: UInt32(number))
        return writer.bytes
    }

    /// A counter as a value.
    static func number(_ value: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.append(UInt64(value))
        return writer.bytes
    }

    /// Nil unless `bytes` are a counter and nothing else.
    static func number(_ bytes: [UInt8]) -> Int? {
        var reader = ByteReader(bytes)
        guard let number = reader.count(), reader.isAtEnd else { return nil }
        return number
    }

    static func value(of position: LogPosition) -> [UInt8] { position.collection.bytes + number(position.epoch) }

    /// Nil unless `bytes` are a position and nothing else.
    static func position(_ bytes: [UInt8]) -> LogPosition? {
        guard let collection = CollectionID(bytes: Array(bytes.prefix(CollectionID.byteCount))),
            let epoch = number(Array(bytes.dropFirst(CollectionID.byteCount))), epoch < CollectionKey.epochLimit
        else { return nil }
        return LogPosition(collection: collection, epoch: epoch)
    }

    /// The row that `key` is; nil when it is none.
    static func row(_ key: [UInt8], from start: Int = 0) -> Int? {
        var reader = ByteReader(key, from: start)
        guard let number = reader.bigEndian64(), reader.isAtEnd else { return nil }
        return Int(exactly: number)
    }

    /// The number of 32 bits that `key` ends with, and that begins at `start`; nil when it does not.
    static func shortNumber(_ key: [UInt8], from start: Int) -> Int? {
        var reader = ByteReader(key, from: start)
        guard let number = reader.bigEndian32(), reader.isAtEnd else { return nil }
        return Int(number)
    }

    static func tombstoneKey(_ row: Int) -> [UInt8] { [1] + key(row) }
    static func purgedKey(_ chunk: Int) -> [UInt8] { [0] + shortKey(chunk) }
}
