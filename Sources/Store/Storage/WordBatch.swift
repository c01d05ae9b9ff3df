internal import Core
internal import RocksDB
internal import Words

/// The terms of the rows that one write adds and removes; one owner.
final class WordBatch {
    private var builder: PostingsBuilder
    private var analyzer: WordAnalyzer
    private var lengths: [(row: Int, length: Int)] = []
    /// How many of each term's rows die.
    private var dying: [[UInt8]: Int] = [:]

    /// From so many passages on, caching frequent words pays off.
    private static let manyRows = 64

    init(_ words: WordAnalysis, rows: Int) {
        builder = PostingsBuilder(words, expectsMany: rows >= Self.manyRows)
        analyzer = WordAnalyzer(words)
    }

    /// Returns the passage's length in terms.
    func add(_ row: Int, _ passage: Passage) -> Int {
        let length = builder.add(row: row, title: passage.title, text: passage.text)
        lengths.append((row, length))
        return length
    }

    func bury(_ passage: Passage) {
        var terms: Set<[UInt8]> = []
        analyzer.forEachTerm(of: WordAnalyzer.text(title: passage.title, text: passage.text)) { terms.insert($0) }
        for term in terms { dying[term, default: 0] += 1 }
    }

    /// Adds everything to `batch`, merged with the postings in the database that grow.
    func write(to batch: inout WriteBatch, of database: Database) throws(ImpRAGError) {
        try builder.drain { (term, added) throws(ImpRAGError) in
            var postings = WordPostings()
            let tail = try WordStorage.get(WordStorage.directoryKey(term, WordStorage.tail), database)
            if let tail {
                guard let directory = WordCodec.directory(tail) else { throw WordStorage.damaged(database, term) }
                try WordStorage.read(term, WordStorage.tail, directory, database, into: &postings) { _ in true }
                guard let last = postings.rows.last, last < added.rows[0] else {
                    throw WordStorage.damaged(database, term)
                }
            }
            postings.append(added)
            WordStorage.put(term, postings, hasTail: tail != nil, into: &batch, database)
        }
        try WordStorage.putLengths(lengths, into: &batch, database)
        for (term, count) in dying.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let dead = try WordStorage.deadCount(term, database) + count
            batch.put(
                WordStorage.deadKey(term), PartitionFormat.number(dead), in: PartitionFormat.words, of: database)
        }
        lengths = []
        dying = [:]
    }
}
