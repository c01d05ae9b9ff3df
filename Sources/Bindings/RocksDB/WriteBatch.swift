internal import CRocksDB

/// Changes that a database applies atomically; one owner.
@safe public struct WriteBatch: ~Copyable {
    let handle: OpaquePointer?

    public init() {
        unsafe handle = rocksdb_writebatch_create()
    }

    deinit {
        unsafe rocksdb_writebatch_destroy(handle)
    }

    /// Bytes that the batch will add to the log.
    public var byteCount: Int {
        var size = 0
        _ = unsafe rocksdb_writebatch_data(handle, &size)
        return size
    }

    /// The number of changes.
    public var count: Int { Int(unsafe rocksdb_writebatch_count(handle)) }

    /// Sets `key` of `family` (an index into the database's families, which must be open) to `value`.
    public mutating func put(_ key: [UInt8], _ value: [UInt8], in family: Int, of database: Database) {
        let familyHandle = unsafe database.familyHandle(family)
        unsafe withCharacters(key) { keyBase, keyCount in
            unsafe withCharacters(value) { valueBase, valueCount in
                unsafe rocksdb_writebatch_put_cf(
                    handle, familyHandle, keyBase, keyCount, valueBase, valueCount)
            }
        }
    }

    /// Removes `key` of `family`, if it exists.
    public mutating func delete(_ key: [UInt8], in family: Int, of database: Database) {
        let familyHandle = unsafe database.familyHandle(family)
        unsafe withCharacters(key) { base, count in
            unsafe rocksdb_writebatch_delete_cf(handle, familyHandle, base, count)
        }
    }

    /// Removes all keys of `family` from `first` up to, but not including, `end`.
    public mutating func deleteRange(from first: [UInt8], until end: [UInt8], in family: Int, of database: Database) {
        let familyHandle = unsafe database.familyHandle(family)
        unsafe withCharacters(first) { firstBase, firstCount in
            unsafe withCharacters(end) { endBase, endCount in
                unsafe rocksdb_writebatch_delete_range_cf(
                    handle, familyHandle, firstBase, firstCount, endBase, endCount)
            }
        }
    }
}

/// Lends `bytes` as the `char` pointer and length that RocksDB takes.
func withCharacters<Value>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>?, Int) -> Value) -> Value {
    unsafe bytes.withUnsafeBytes { buffer in
        unsafe body(buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
}
