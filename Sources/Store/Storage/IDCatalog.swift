// A scratch database beside the partitions while an index is made, one entry a document id:
//
//   the document's id   64 bits: number of its last document in reading order, from 0; 32 bits: that one's passages
//
// (little-endian). On the disk and not in memory, because 37.5 million ids would take gigabytes.

package import Core
internal import RocksDB

/// The last document of each id; one owner. Not logged: rebuilt when its maker was stopped before `flush`.
package final class IDCatalog {
    package struct Entry: Sendable, Equatable {
        package var number: Int
        package var passages: Int

        package init(number: Int, passages: Int) {
            self.number = number
            self.passages = passages
        }
    }

    package let path: String
    private let database: Database

    /// Opens the catalog in the directory `path`, or makes it.
    package init(path: String) throws(ImpRAGError) {
        self.path = path
        do {
            database = try Database(
                path: path, families: [ColumnFamily("default", bloomBitsPerKey: 10)], access: .create)
        } catch {
            throw error.wrapped("the scratch database \(path) cannot be opened")
        }
    }

    /// Enters documents in order; a later one replaces an earlier one with the same id.
    package func put(_ documents: [(id: String, entry: Entry)]) throws(ImpRAGError) {
        var batch = WriteBatch()
        for (id, entry) in documents { batch.put(Array(id.utf8), Self.encode(entry), in: 0, of: database) }
        do {
            try database.write(batch, .memory)
        } catch {
            throw error.wrapped("the scratch database \(path) cannot be written")
        }
    }

    /// Makes everything durable.
    package func flush() throws(ImpRAGError) {
        do {
            try database.flush()
        } catch {
            throw error.wrapped("the scratch database \(path) cannot be written")
        }
    }

    /// The entry of `id`, or nil when no document had it.
    package func entry(of id: String) throws(ImpRAGError) -> Entry? {
        let value: [UInt8]?
        do {
            value = try database.get(Array(id.utf8), in: 0)
        } catch {
            throw error.wrapped("the scratch database \(path) cannot be read")
        }
        guard let value else { return nil }
        guard let entry = Self.decode(value) else { throw damaged }
        return entry
    }

    /// Lends every id and its entry to `body`, in byte order, until it throws.
    package func forEach(_ body: (_ id: String, _ entry: Entry) throws(ImpRAGError) -> Void) throws(ImpRAGError) {
        var failure: ImpRAGError?
        do {
            try database.scan(0) { key, value in
                do throws(ImpRAGError) {
                    guard let entry = Self.decode([UInt8](copying: value)) else { throw damaged }
                    try body(String(decoding: [UInt8](copying: key), as: UTF8.self), entry)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } catch {
            throw error.wrapped("the scratch database \(path) cannot be read")
        }
        if let failure { throw failure }
    }

    private var damaged: ImpRAGError {
        ImpRAGError(.dataLoss, "the scratch database \(path) is damaged; remove it")
    }

    private static func encode(_ entry: Entry) -> [UInt8] {
        var writer = ByteWriter(capacity: 12)
        writer.append(UInt64(entry.number))
        writer.append(UInt32(entry.passages))
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) -> Entry? {
        var reader = ByteReader(bytes)
        guard let number = reader.count(), let passages = reader.uint32(), reader.isAtEnd else { return nil }
        return Entry(number: number, passages: Int(passages))
    }
}
