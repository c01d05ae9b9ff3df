internal import Core
internal import RocksDB
internal import Words

/// Reads and writes the lexical index's keys; see `PartitionFormat`.
enum WordStorage {
    static let pieces: UInt8 = 0
    static let directories: UInt8 = 1
    static let data: UInt8 = 2
    static let dead: UInt8 = 3
    /// Stands for the row in the key of the growing extent, after all others.
    static let tail = 1 << 32 - 1

    static func pieceKey(_ piece: Int) -> [UInt8] { [pieces] + PartitionFormat.shortKey(piece) }
    static func directoryKey(_ term: [UInt8], _ row: Int) -> [UInt8] { key(directories, term, row) }
    static func dataKey(_ term: [UInt8], _ row: Int) -> [UInt8] { key(data, term, row) }
    static func deadKey(_ term: [UInt8]) -> [UInt8] { [dead] + term }

    private static func key(_ kind: UInt8, _ term: [UInt8], _ row: Int) -> [UInt8] {
        var key = ByteWriter(capacity: term.count + 6)
        key.append(kind)
        key.append(term)
        key.append(UInt8(0))
        key.append(bigEndian: UInt32(row))
        return key.bytes
    }

    static func damaged(_ database: Database, _ term: [UInt8]) -> ImpRAGError {
        ImpRAGError(
            .dataLoss,
            "partition \(database.path) is damaged: the rows of the word \(String(decoding: term, as: UTF8.self)) are not "
                + "readable; restore the partition, or index the corpus again")
    }

    static func get(
        _ key: [UInt8], _ database: Database, at snapshot: Snapshot? = nil
    ) throws(ImpRAGError) -> [UInt8]? {
        do {
            return try database.get(key, in: PartitionFormat.words, at: snapshot)
        } catch {
            throw error.wrapped("partition \(database.path) cannot be read")
        }
    }

    /// Lends the directories of `term` to `body` in ascending order, each with the row that its key names.
    static func scan(
        _ term: [UInt8], _ database: Database, at snapshot: Snapshot? = nil,
        _ body: (_ row: Int, _ directory: WordDirectory) -> Void
    ) throws(ImpRAGError) {
        var isDamaged = false
        do throws(RocksDBError) {
            try database.scan(
                PartitionFormat.words, from: [directories] + term + [0], until: [directories] + term + [1],
                isLong: false, at: snapshot
            ) { key, value in
                guard let row = PartitionFormat.shortNumber([UInt8](copying: key), from: term.count + 2),
                    let directory = WordCodec.directory([UInt8](copying: value)),
                    row == tail || directory.blocks[0].first == row
                else {
                    isDamaged = true
                    return false
                }
                body(row, directory)
                return true
            }
        } catch {
            throw error.wrapped("partition \(database.path) cannot be read")
        }
        if isDamaged { throw damaged(database, term) }
    }

    /// How many of the rows of `term` are dead.
    static func deadCount(
        _ term: [UInt8], _ database: Database, at snapshot: Snapshot? = nil
    ) throws(ImpRAGError) -> Int {
        guard let bytes = try get(deadKey(term), database, at: snapshot) else { return 0 }
        guard let count = PartitionFormat.number(bytes) else { throw damaged(database, term) }
        return count
    }

    /// Adds `postings`, of rows above all others of `term`: full blocks as extents of their own, the rest as the
    /// growing extent.
    ///
    /// - Parameter hasTail: whether the database has a growing extent of the term, whose rows come first in `postings`.
    static func put(
        _ term: [UInt8], _ postings: WordPostings, hasTail: Bool, into batch: inout WriteBatch, _ database: Database
    ) {
        var start = 0
        while postings.count - start >= WordCodec.blockRows {
            let whole = (postings.count - start) / WordCodec.blockRows * WordCodec.blockRows
            let end = start + min(whole, WordCodec.extentRows)
            putExtent(term, postings, start..<end, key: Int(postings.rows[start]), into: &batch, database)
            start = end
        }
        if start < postings.count {
            putExtent(term, postings, start..<postings.count, key: tail, into: &batch, database)
        } else if hasTail {
            batch.delete(directoryKey(term, tail), in: PartitionFormat.words, of: database)
        }
    }

    static func putExtent(
        _ term: [UInt8], _ postings: WordPostings, _ range: Range<Int>, key: Int, into batch: inout WriteBatch,
        _ database: Database
    ) {
        let (directory, data) = WordCodec.encode(postings, range)
        batch.put(directoryKey(term, key), directory, in: PartitionFormat.words, of: database)
        if let data { batch.put(dataKey(term, key), data, in: PartitionFormat.words, of: database) }
    }

    /// Appends the rows of `directory`, whose key names `row`, to `postings`, except those that `keeps` rejects.
    static func read(
        _ term: [UInt8], _ row: Int, _ directory: WordDirectory, _ database: Database,
        into postings: inout WordPostings,
        keeping keeps: (Int) -> Bool
    ) throws(ImpRAGError) {
        var (rows, frequencies) = ([UInt32](), [UInt16]())
        var data = directory.data
        if data == nil { data = try get(dataKey(term, row), database) }
        for block in directory.blocks {
            guard let data, WordCodec.decode(block, data, rows: &rows, frequencies: &frequencies),
                Int(postings.rows.last.map { $0 + 1 } ?? 0) <= block.first
            else { throw damaged(database, term) }
            for place in rows.indices where keeps(Int(rows[place])) {
                postings.append(
                    row: rows[place], frequency: frequencies[place],
                    length: UInt16(clamping: block.minimumLength))
            }
        }
    }

    /// Adds the lengths of rows, ascending, to their pieces.
    static func putLengths(
        _ lengths: [(row: Int, length: Int)], into batch: inout WriteBatch, _ database: Database
    ) throws(ImpRAGError) {
        var next = lengths[...]
        while let first = next.first {
            let piece = first.row / PassageLengths.pieceRows
            var known: [UInt16] = []
            if let bytes = try get(pieceKey(piece), database) {
                guard let stored = PassageLengths.decode(bytes) else { throw damagedLengths(database) }
                known = stored
            }
            while let entry = next.first, entry.row / PassageLengths.pieceRows == piece {
                let place = entry.row % PassageLengths.pieceRows
                if known.count <= place { known += repeatElement(0, count: place + 1 - known.count) }
                known[place] = UInt16(clamping: entry.length)
                next.removeFirst()
            }
            batch.put(pieceKey(piece), PassageLengths.encode(known), in: PartitionFormat.words, of: database)
        }
    }

    static func damagedLengths(_ database: Database) -> ImpRAGError {
        ImpRAGError(
            .dataLoss,
            "partition \(database.path) is damaged: the lengths of its passages in words are not readable; restore the "
                + "partition, or index the corpus again")
    }
}
