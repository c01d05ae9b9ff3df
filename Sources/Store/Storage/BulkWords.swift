internal import Core
internal import RocksDB
internal import Words

/// Buffers the terms of passages that bulk indexing has written, until there are enough to write together; one owner.
final class BulkWords {
    private let database: Database
    private var builder: PostingsBuilder
    private var lengths: [(row: Int, length: Int)] = []
    private let tokenLimit: Int

    /// Passages read at once.
    private static let readRows = 256

    /// Continues where the database's lexical index ends.
    ///
    /// - Parameters:
    ///   - rows: of the database.
    ///   - wanted: how text is to be analyzed; nil when the caller wants no index.
    ///   - tokenLimit: terms kept in memory, at 8 bytes each, and as much again while they are written.
    /// - Returns: nil when there is no lexical index.
    /// - Throws: `failedPrecondition` when the existing index was made in another way.
    init?(_ database: Database, rows: Int, wanted: WordAnalysis?, tokenLimit: Int) throws(ImpRAGError) {
        guard let header = try WordsHeader.read(database) else { return nil }
        guard let wanted, header == WordsHeader(wanted) else {
            throw ImpRAGError(
                .failedPrecondition,
                "partition \(database.path) was begun with the lexical index \(header.analysis) of version \(header.version), not "
                    + "with \(wanted.map { "\($0.rawValue) of version \(WordAnalysis.version)" } ?? "none"); remove it first"
            )
        }
        self.database = database
        self.tokenLimit = tokenLimit
        builder = PostingsBuilder(wanted, expectsMany: true)
        let written = try Partition.counter(PartitionFormat.wordsRowsKey, of: database) ?? 0
        guard written < rows else { return }
        let partition = try Partition(database: database, access: .readOnly, availableSpace: { _ in nil })
        for first in stride(from: written, to: rows, by: Self.readRows) {
            let batch = first..<min(first + Self.readRows, rows)
            for (row, passage) in zip(batch, try partition.passages(rows: Array(batch))) {
                if let passage { add(row, passage) }
            }
            try writeIfFull(rows: batch.upperBound)
        }
    }

    func add(_ row: Int, _ passage: Passage) {
        lengths.append((row, builder.add(row: row, title: passage.title, text: passage.text)))
    }

    /// - Parameter rows: of the database; all of them have been added.
    func writeIfFull(rows: Int) throws(ImpRAGError) {
        if builder.tokenCount >= tokenLimit { try write(rows: rows) }
    }

    /// Writes what is in memory, all or nothing.
    func write(rows: Int) throws(ImpRAGError) {
        guard !lengths.isEmpty else { return }
        var batch = WriteBatch()
        builder.drain { term, postings in
            for start in stride(from: 0, to: postings.count, by: WordCodec.extentRows) {
                let end = min(start + WordCodec.extentRows, postings.count)
                WordStorage.putExtent(
                    term, postings, start..<end, key: Int(postings.rows[start]), into: &batch, database)
            }
        }
        try WordStorage.putLengths(lengths, into: &batch, database)
        batch.put(
            PartitionFormat.wordsRowsKey, PartitionFormat.number(rows), in: PartitionFormat.metadata, of: database)
        do {
            try database.write(batch, .logged)
        } catch {
            throw error.wrapped("partition \(database.path) cannot take the words of its rows up to \(rows - 1)")
        }
        lengths = []
    }
}
