// A partition is one RocksDB database. Numbers are little-endian, except in keys, where big-endian bytes sort as the
// numbers do.
//
//   family      key                       value
//   default     "header"                  JSON of PartitionHeader: schema, fingerprint, dimension, shard, block rows
//   default     "rows"                    64 bits: the number of rows that are complete
//   passages    64 bits: row              PassageRecord
//   ids         the passage's id          64 bits: row
//   vectors     64 bits: block            bf16 numbers of rows block·R … block·R + R − 1, row-major; the last block may
//                                         be shorter. R = "block rows" of the header
//
// Rows are only ever appended. A batch of rows, its vectors, its ids and the new "rows" are one write, so a partition
// holds whole batches and nothing else, wherever its writer was stopped.

internal import Core
internal import RocksDB

/// What stands where in a partition.
enum PartitionFormat {
    static let schema = 1

    static let metadata = 0
    static let passages = 1
    static let ids = 2
    static let vectors = 3

    static let families = [
        ColumnFamily("default"),
        ColumnFamily("passages", compression: .lz4, blockBytes: 16 << 10),
        ColumnFamily("ids", blockBytes: 4 << 10, bloomBitsPerKey: 10),
        // A value is a block of its own: sequential loading reads large pieces, one row costs one such piece.
        ColumnFamily("vectors", blockBytes: 32 << 10),
    ]

    static let headerKey = Array("header".utf8)
    static let rowsKey = Array("rows".utf8)

    /// The rows of a block of vectors: the power of two whose block comes closest to 32 KiB from below, 1…`limit`.
    static func blockRows(dimension: Int, limit: Int) -> Int {
        var rows = 1
        while rows * 2 <= limit, rows * 2 * dimension * 2 <= 32 << 10 { rows *= 2 }
        return rows
    }

    static func key(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: UInt64(truncatingIfNeeded: number) >> (56 - 8 * UInt64($0))) }
    }

    static func number(_ value: Int) -> [UInt8] { Array(key(value).reversed()) }

    /// Nil unless `bytes` are eight and give a number that can be one of rows.
    static func number(_ bytes: [UInt8]) -> Int? {
        guard bytes.count == 8 else { return nil }
        return Int(exactly: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
