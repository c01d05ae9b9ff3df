internal import Bitmaps
internal import Core
internal import RocksDB
internal import Words

/// Rows that one write adds to a partition: records, ids, vectors, postings and terms; one owner.
struct RowBatch: ~Copyable {
    private(set) var changes = WriteBatch()
    private let database: Database
    /// Rows to add, by the key of their posting.
    private var entering: [[UInt8]: [UInt32]] = [:]
    private var words: WordBatch?

    /// - Parameter words: how text is analyzed; nil adds no terms.
    init(_ database: Database, words: WordAnalysis? = nil, rows: Int = 0) {
        self.database = database
        self.words = words.map { WordBatch($0, rows: rows) }
    }

    /// Adds a live row. Returns the passage's length in terms, 0 without them.
    @discardableResult
    mutating func add(_ row: Int, _ passage: Passage, vector: ArraySlice<BFloat16>) -> Int {
        changes.put(
            PartitionFormat.key(row), PassageRecord.encode(passage), in: PartitionFormat.passages, of: database)
        changes.put(Array(passage.id.utf8), PartitionFormat.number(row), in: PartitionFormat.ids, of: database)
        changes.put(
            PartitionFormat.key(row), [UInt8](littleEndian: Array(vector)), in: PartitionFormat.vectors, of: database)
        let chunk = PartitionFormat.shortKey(row >> PartitionFormat.chunkBits)
        for (field, value) in passage.metadata {
            for term in MetadataTerm.terms(of: field.text, value) {
                entering[term.bytes + chunk, default: []].append(UInt32(truncatingIfNeeded: row))
            }
        }
        return words?.add(row, passage) ?? 0
    }

    /// Marks `row` dead and removes its passage, if it has one.
    mutating func bury(_ row: Int) throws(ImpRAGError) {
        if words != nil {
            let record: [UInt8]?
            do {
                record = try database.get(PartitionFormat.key(row), in: PartitionFormat.passages)
            } catch {
                throw error.wrapped("partition \(database.path) cannot be read")
            }
            // An unreadable record is ignored: its terms merely look too frequent.
            if let passage = record.flatMap(PassageRecord.decode) { words?.bury(passage) }
        }
        changes.put(PartitionFormat.tombstoneKey(row), [], in: PartitionFormat.deleted, of: database)
        changes.delete(PartitionFormat.key(row), in: PartitionFormat.passages, of: database)
    }

    mutating func forget(id: [UInt8]) {
        changes.delete(id, in: PartitionFormat.ids, of: database)
    }

    mutating func set(_ key: [UInt8], to number: Int) {
        changes.put(key, PartitionFormat.number(number), in: PartitionFormat.metadata, of: database)
    }

    mutating func set(_ position: LogPosition) {
        changes.put(
            PartitionFormat.logKey, PartitionFormat.value(of: position), in: PartitionFormat.metadata, of: database)
    }

    /// Reads the postings that grow, and adds them with their new rows. The last step before the write.
    mutating func addPostings() throws(ImpRAGError) {
        try words?.write(to: &changes, of: database)
        for (key, rows) in entering.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let old: [UInt8]?
            do {
                old = try database.get(key, in: PartitionFormat.postings)
            } catch {
                throw error.wrapped("partition \(database.path) cannot be read")
            }
            var grown = Bitmap()
            if let old {
                let chunk = Int(rows[0]) >> PartitionFormat.chunkBits
                guard let known = Bitmap.posting(old, chunk: chunk) else {
                    throw ImpRAGError(
                        .dataLoss, "partition \(database.path) is damaged: the rows of a filter value are not readable")
                }
                grown.formUnion(known)
            }
            grown.insert(contentsOf: rows)
            changes.put(key, grown.portable, in: PartitionFormat.postings, of: database)
        }
        entering = [:]
    }
}
