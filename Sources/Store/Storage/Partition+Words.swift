package import Core
internal import RocksDB
internal import Synchronization
package import Words

extension Partition {
    /// A snapshot of the postings, for one search; the partition must have a lexical index.
    package func wordSource() -> PartitionWords { PartitionWords(database: database, snapshot: Snapshot(database)) }

    /// The lengths of all rows in terms.
    ///
    /// - Throws: `dataLoss` when they are not readable.
    package func wordLengths() throws(ImpRAGError) -> PassageLengths {
        var lengths = PassageLengths()
        let limit = rowLimit
        var isDamaged = false
        try reading { () throws(RocksDBError) in
            try database.scan(PartitionFormat.words, from: [WordStorage.pieces], until: [WordStorage.directories]) {
                key, value in
                guard let piece = PartitionFormat.shortNumber([UInt8](copying: key), from: 1),
                    piece * PassageLengths.pieceRows < limit,
                    let stored = PassageLengths.decode([UInt8](copying: value))
                else {
                    isDamaged = true
                    return false
                }
                lengths.setPiece(piece, stored)
                return true
            }
        }
        // Rows that never held a passage have no length.
        if isDamaged || !liveRows().isCovered(by: lengths) { throw WordStorage.damagedLengths(database) }
        return lengths
    }

    // MARK: Sweeping

    /// Rows that were added or died since the last sweep through the lexical index.
    package func changesSinceWordSweep() throws(ImpRAGError) -> Int {
        let last = try Self.counter(PartitionFormat.wordsSweepKey, of: database) ?? 0
        return sweepMark - last
    }

    /// Sweeps the whole lexical index.
    func sweepWords() throws(ImpRAGError) {
        let mark = sweepMark
        var next: [UInt8]? = []
        while let first = next { next = try sweepWords(from: first) }
        try endWordSweep(mark)
    }

    /// What a sweep that begins now has to pass to `endWordSweep`.
    package var sweepMark: Int {
        state.withLock { 2 * $0.limit - $0.live.count }
    }

    /// Sweeps some thousand extents of the lexical index, from the term `first` on: merges the extents of fragmented
    /// terms, and drops dead rows from terms that have many.
    ///
    /// - Returns: the term to continue with; nil at the end.
    /// - Throws: as `upsert`.
    package func sweepWords(from first: [UInt8]) throws(ImpRAGError) -> [UInt8]? {
        var terms: [[UInt8]] = []
        var (term, extents, seen) = ([UInt8](), 0, 0)
        var next: [UInt8]?
        var isDamaged = false
        let hasDead = count < rowLimit
        try reading { () throws(RocksDBError) in
            try database.scan(
                PartitionFormat.words, from: [WordStorage.directories] + first, until: [WordStorage.data]
            ) { key, _ in
                guard key.byteCount > 6 else {
                    isDamaged = true
                    return false
                }
                let current = [UInt8](copying: key.extracting(1..<(key.byteCount - 5)))
                if current != term {
                    if extents > Self.extentLimit(rows: 1) || (hasDead && extents > 0) { terms.append(term) }
                    guard seen < Self.sweepExtents else {
                        next = current
                        return false
                    }
                    (term, extents) = (current, 0)
                }
                extents += 1
                seen += 1
                return true
            }
        }
        if isDamaged { throw damaged("a word of its lexical index has no readable key") }
        if next == nil, extents > 0 { terms.append(term) }
        for start in stride(from: 0, to: terms.count, by: Self.sweepTerms) {
            let terms = terms[start..<min(start + Self.sweepTerms, terms.count)]
            try writing { writer throws(ImpRAGError) in
                var batch = WriteBatch()
                for term in terms { try rewrite(term, into: &batch) }
                if batch.count > 0 { try write(batch, &writer, .logged) }
            }
        }
        return next
    }

    /// Records that the sweep that began at `mark` is complete.
    package func endWordSweep(_ mark: Int) throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            var batch = WriteBatch()
            batch.put(
                PartitionFormat.wordsSweepKey, PartitionFormat.number(mark), in: PartitionFormat.metadata, of: database)
            try write(batch, &writer, .logged)
        }
    }

    /// Extents visited in one step, and terms written together.
    private static let sweepExtents = 16_384
    private static let sweepTerms = 16

    /// More extents than this, for a term of so many rows, are merged.
    private static func extentLimit(rows: Int) -> Int {
        4 + 2 * ((rows + WordCodec.extentRows - 1) / WordCodec.extentRows)
    }

    /// Rewrites one term's postings, if that is worthwhile.
    private func rewrite(_ term: [UInt8], into batch: inout WriteBatch) throws(ImpRAGError) {
        var found: [(row: Int, directory: WordDirectory)] = []
        try WordStorage.scan(term, database) { found.append(($0, $1)) }
        let dead = try WordStorage.deadCount(term, database)
        let rows = found.reduce(0) { $0 + $1.directory.count }
        guard 8 * dead > rows || found.count > Self.extentLimit(rows: rows) else { return }
        var postings = WordPostings()
        let live = liveRows()
        for (row, directory) in found {
            try WordStorage.read(term, row, directory, database, into: &postings) { live.contains($0) }
            batch.delete(WordStorage.directoryKey(term, row), in: PartitionFormat.words, of: database)
            if directory.data == nil {
                batch.delete(WordStorage.dataKey(term, row), in: PartitionFormat.words, of: database)
            }
        }
        batch.delete(WordStorage.deadKey(term), in: PartitionFormat.words, of: database)
        WordStorage.put(term, postings, hasTail: false, into: &batch, database)
    }
}

/// A snapshot of a partition's lexical index.
package struct PartitionWords: WordSource {
    let database: Database
    let snapshot: Snapshot

    package func directories(
        of term: [UInt8], _ body: (_ key: Int, _ directory: WordDirectory) -> Void
    ) throws(ImpRAGError) {
        try WordStorage.scan(term, database, at: snapshot, body)
    }

    package func data(of term: [UInt8], key: Int) throws(ImpRAGError) -> [UInt8] {
        guard let data = try WordStorage.get(WordStorage.dataKey(term, key), database, at: snapshot) else {
            throw damaged(term)
        }
        return data
    }

    package func dead(of term: [UInt8]) throws(ImpRAGError) -> Int {
        try WordStorage.deadCount(term, database, at: snapshot)
    }

    package func damaged(_ term: [UInt8]) -> ImpRAGError { WordStorage.damaged(database, term) }
}

extension RowSet {
    fileprivate func isCovered(by lengths: PassageLengths) -> Bool {
        for (place, word) in words.enumerated() where word != 0 {
            let last = place << 6 + 63 - word.leadingZeroBitCount
            let piece = lengths.piece(last / PassageLengths.pieceRows)
            if piece.count <= last % PassageLengths.pieceRows { return false }
        }
        return true
    }
}
