// A store of passage states is one RocksDB database with one family, beside the database of its partition. Numbers are
// little-endian.
//
//   key                value
//   0                  8 bytes "IRSTATE2", 32 bytes: the model's fingerprint
//   1, 32 bytes: key   a state: 32 bytes its key, 32 bytes the SHA-256 of what follows, then the state (Model); in blob
//                      files
//   2, 32 bytes: key   64 bits: bytes that the state counts for; 64 bits: when it was last used, as a growing number
//
// One family, so that a state and its last use reach the disk in one file: writes do without RocksDB's log, which would
// write every state twice. What a killed process had in memory is lost and is computed again; what is on the disk is
// whole. A file named `condemned` in the directory says that the database could not go on, and is to be made anew.

internal import Core
internal import Platform
internal import RocksDB

/// What stands where in a store of passage states, as bytes.
enum PassageStateFormat {
    static let family = 0
    static let headerKey: [UInt8] = [0]
    static let firstUseKey: [UInt8] = [2]
    static let endKey: [UInt8] = [3]
    /// Bytes that a state costs beside its own: its keys, checksum and last use.
    static let overheadBytes = 160
    private static let magic = Array("IRSTATE2".utf8)
    private static let prefixBytes = 64

    static func stateKey(_ key: StateKey) -> [UInt8] { [1] + key.bytes }
    static func useKey(_ key: StateKey) -> [UInt8] { [2] + key.bytes }

    // MARK: Header

    static func header(_ fingerprint: Fingerprint) -> [UInt8] { magic + fingerprint.bytes }

    /// Whose states the store with the header `bytes` holds; nil when they have another layout.
    static func fingerprint(header bytes: [UInt8]) -> Fingerprint? {
        var reader = ByteReader(bytes)
        guard reader.bytes(magic.count) == magic else { return nil }
        return Fingerprint(bytes: reader.rest())
    }

    // MARK: States

    /// What is stored for the state `bytes`.
    static func record(_ bytes: [UInt8], for key: StateKey) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        var record = ByteWriter(capacity: prefixBytes + bytes.count)
        record.append(key.bytes)
        record.append(hash.finish())
        record.append(bytes)
        return record.bytes
    }

    /// The state in `record`; nil when it is not the one of `key`, whole.
    static func bytes(of record: RawSpan, for key: StateKey) -> [UInt8]? {
        guard record.byteCount >= prefixBytes else { return nil }
        let bytes = record.extracting(prefixBytes..<record.byteCount)
        var hash = SHA256()
        hash.update(bytes)
        guard [UInt8](copying: record.extracting(0..<prefixBytes)) == key.bytes + hash.finish() else { return nil }
        return [UInt8](copying: bytes)
    }

    // MARK: Uses

    static func use(size: Int, stamp: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.append(UInt64(size))
        writer.append(UInt64(Int(clamping: stamp)))
        return writer.bytes
    }

    /// Nil when `key` and `value` are no last use.
    static func use(_ key: RawSpan, _ value: RawSpan) -> (use: StateLedger.Use, size: Int)? {
        var reader = ByteReader([UInt8](copying: value))
        guard let key = StateKey(bytes: Array([UInt8](copying: key).dropFirst())), let size = reader.count(),
            size >= overheadBytes, let stamp = reader.count(), reader.isAtEnd
        else { return nil }
        return (StateLedger.Use(key: key, stamp: UInt64(stamp)), size)
    }
}
