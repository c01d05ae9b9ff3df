internal import CRocksDB

extension Database {
    /// The value of `key`, or nil when there is none.
    ///
    /// - Parameter snapshot: nil reads the current state.
    public func get(
        _ key: [UInt8], in family: Int, at snapshot: Snapshot? = nil
    ) throws(RocksDBError) -> [UInt8]? {
        try withValue(of: key, in: family, at: snapshot) { Array(copying: $0) }
    }

    /// Lends the value of `key` to `body` without a copy; nil when there is none.
    public func withValue<Value>(
        of key: [UInt8], in family: Int, at snapshot: Snapshot? = nil, _ body: (RawSpan) -> Value
    ) throws(RocksDBError) -> Value? {
        var message: UnsafeMutablePointer<CChar>?
        let options = unsafe snapshot?.readOptions ?? readOptions
        let slice = unsafe withCharacters(key) { base, count in
            unsafe rocksdb_get_pinned_cf(handle, options, familyHandle(family), base, count, &message)
        }
        withExtendedLifetime(snapshot) {}
        return unsafe try lend(slice, message, body)
    }

    /// Lends the value of the key that is `number` as eight big-endian bytes; nil when there is none. Allocates
    /// nothing: for reads on a search's hot path.
    public func withValue<Value>(
        ofNumber number: Int, in family: Int, _ body: (RawSpan) -> Value
    ) throws(RocksDBError) -> Value? {
        var key = UInt64(truncatingIfNeeded: number).bigEndian
        var message: UnsafeMutablePointer<CChar>?
        let slice = unsafe withUnsafeBytes(of: &key) { bytes in
            unsafe rocksdb_get_pinned_cf(
                handle, readOptions, familyHandle(family), bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                bytes.count, &message)
        }
        return unsafe try lend(slice, message, body)
    }

    private func lend<Value>(
        _ slice: OpaquePointer?, _ message: UnsafeMutablePointer<CChar>?, _ body: (RawSpan) -> Value
    ) throws(RocksDBError) -> Value? {
        defer { withExtendedLifetime(self) {} }
        if let message = unsafe message { throw unsafe Self.take(message, call: "rocksdb_get", path: path) }
        guard let slice = unsafe slice else { return nil }
        defer { unsafe rocksdb_pinnableslice_destroy(slice) }
        var count = 0
        let base = unsafe rocksdb_pinnableslice_value(slice, &count)
        return unsafe body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    /// Keys per batched read, as in RocksDB's own batches.
    private static let batchKeys = 32

    /// Looks up the keys that are `numbers` as eight big-endian bytes each, in RocksDB's batches, and lends each value
    /// found to `body`, in the order of `numbers`.
    ///
    /// - Returns: how many were found.
    public func withValues(
        ofNumbers numbers: [Int], in family: Int, _ body: (_ place: Int, _ value: RawSpan) -> Void
    ) throws(RocksDBError) -> Int {
        defer { withExtendedLifetime(self) {} }
        var found = 0
        let limit = Self.batchKeys
        let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: limit)
        let starts = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: limit)
        let sizes = UnsafeMutablePointer<Int>.allocate(capacity: limit)
        let values = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: limit)
        let messages = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: limit)
        defer {
            unsafe keys.deallocate()
            unsafe starts.deallocate()
            unsafe sizes.deallocate()
            unsafe values.deallocate()
            unsafe messages.deallocate()
        }
        for first in stride(from: 0, to: numbers.count, by: limit) {
            let count = min(limit, numbers.count - first)
            for place in 0..<count {
                unsafe (keys + place).initialize(
                    to: UInt64(truncatingIfNeeded: numbers[first + place]).bigEndian)
                unsafe (starts + place).initialize(
                    to: UnsafeRawPointer(keys + place).assumingMemoryBound(to: CChar.self))
                unsafe (sizes + place).initialize(to: 8)
                unsafe (values + place).initialize(to: nil)
                unsafe (messages + place).initialize(to: nil)
            }
            unsafe rocksdb_batched_multi_get_cf(
                handle, readOptions, familyHandle(family), count, starts, sizes, values, messages, false)
            var failure: RocksDBError?
            for place in 0..<count {
                if let message = unsafe messages[place] {
                    failure = unsafe failure ?? Self.take(message, call: "rocksdb_batched_multi_get_cf", path: path)
                }
                guard let slice = unsafe values[place] else { continue }
                defer { unsafe rocksdb_pinnableslice_destroy(slice) }
                guard failure == nil else { continue }
                var byteCount = 0
                let base = unsafe rocksdb_pinnableslice_value(slice, &byteCount)
                unsafe body(first + place, UnsafeRawBufferPointer(start: base, count: byteCount).bytes)
                found += 1
            }
            if let failure { throw failure }
        }
        return found
    }

    /// Lends every entry of `family` whose key is at least `first` and less than `end` to `body`, in key order, until
    /// it returns false.
    ///
    /// The entries are a consistent view: later writes are not seen.
    ///
    /// - Parameters:
    ///   - end: nil for no end.
    ///   - isLong: reads far ahead and does not evict other blocks from the cache.
    ///   - snapshot: nil reads the current state.
    public func scan(
        _ family: Int, from first: [UInt8] = [], until end: [UInt8]? = nil, isLong: Bool = true,
        at snapshot: Snapshot? = nil, _ body: (_ key: RawSpan, _ value: RawSpan) -> Bool
    ) throws(RocksDBError) {
        defer { withExtendedLifetime((self, snapshot)) {} }
        let options = unsafe rocksdb_readoptions_create()
        if let snapshot { unsafe rocksdb_readoptions_set_snapshot(options, snapshot.handle) }
        unsafe rocksdb_readoptions_set_verify_checksums(options, 1)
        unsafe rocksdb_readoptions_set_fill_cache(options, isLong ? 0 : 1)
        unsafe rocksdb_readoptions_set_readahead_size(options, isLong ? 2 << 20 : 0)
        defer { unsafe rocksdb_readoptions_destroy(options) }
        // RocksDB keeps the pointer, not the bytes: they live until the iterator is gone.
        let bound = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, end?.count ?? 0))
        defer { unsafe bound.deallocate() }
        if let end {
            for (place, byte) in end.enumerated() { unsafe (bound + place).initialize(to: byte) }
            unsafe rocksdb_readoptions_set_iterate_upper_bound(
                options, UnsafeRawPointer(bound).assumingMemoryBound(to: CChar.self), end.count)
        }
        let iterator = unsafe rocksdb_create_iterator_cf(handle, options, familyHandle(family))
        defer { unsafe rocksdb_iter_destroy(iterator) }
        unsafe withCharacters(first) { base, count in unsafe rocksdb_iter_seek(iterator, base, count) }
        while unsafe rocksdb_iter_valid(iterator) != 0 {
            var keyCount = 0
            var valueCount = 0
            let key = unsafe rocksdb_iter_key(iterator, &keyCount)
            let value = unsafe rocksdb_iter_value(iterator, &valueCount)
            let goesOn = unsafe body(
                UnsafeRawBufferPointer(start: key, count: keyCount).bytes,
                UnsafeRawBufferPointer(start: value, count: valueCount).bytes)
            guard goesOn else { break }
            unsafe rocksdb_iter_next(iterator)
        }
        var message: UnsafeMutablePointer<CChar>?
        unsafe rocksdb_iter_get_error(iterator, &message)
        if let message = unsafe message { throw unsafe Self.take(message, call: "rocksdb_iter_next", path: path) }
    }

    /// A whole-number property of `family`, as `rocksdb.estimate-table-readers-mem`; nil when RocksDB has no
    /// such property.
    public func property(_ name: String, of family: Int) -> Int? {
        defer { withExtendedLifetime(self) {} }
        var value: UInt64 = 0
        guard unsafe rocksdb_property_int_cf(handle, familyHandle(family), name, &value) == 0 else { return nil }
        return Int(clamping: value)
    }
}
