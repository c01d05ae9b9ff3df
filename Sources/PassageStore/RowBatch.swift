internal import Bitmaps
internal import Core
internal import RocksDB

/// Rows that one write adds to a partition: records, ids, vectors and postings; one owner.
struct RowBatch: ~Copyable {
    private(set) var changes = WriteBatch()
    private let database: Database
    /// Rows by the keys of the postings that they enter.
    private var entering: [[UInt8]: [UInt32]] = [:]

    init(_ database: Database) {
        self.database = database
    }

    /// Adds a live row.
    mutating func add(_ row: Int, _ passage: Passage, vector: ArraySlice<BFloat16>) {
        changes.put(
            PartitionFormat.key(row), PassageRecord.encode(passage), in: PartitionFormat.passages, of: database)
        changes.put(Array(passage.id.utf8), PartitionFormat.number(row), in: PartitionFormat.ids, of: database)
        changes.put(
            PartitionFormat.key(row), [UInt8](littleEndian: Array(vector)), in: PartitionFormat.vectors, of: database)
        let chunk = PartitionFormat.shortKey(row >> PartitionFormat.chunkBits)
        for (field, value) in passage.metadata {
            for term in MetadataTerm.terms(of: field, value) {
                entering[term.bytes + chunk, default: []].append(UInt32(truncatingIfNeeded: row))
            }
        }
    }

    /// Records that `row` is dead.
    mutating func bury(_ row: Int) {
        changes.put(PartitionFormat.tombstoneKey(row), [], in: PartitionFormat.deleted, of: database)
        changes.delete(PartitionFormat.key(row), in: PartitionFormat.passages, of: database)
    }

    mutating func forget(id: [UInt8]) {
        changes.delete(id, in: PartitionFormat.ids, of: database)
    }

    mutating func set(_ key: [UInt8], to number: Int) {
        changes.put(key, PartitionFormat.number(number), in: PartitionFormat.metadata, of: database)
    }

    /// Reads the postings that the rows enter and adds the grown ones. The last thing before the write.
    mutating func addPostings() throws(ImpRAGError) {
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
