/// One keyspace of a database with its own storage settings; all families of a database share one write-ahead log,
/// so a batch that touches several of them is atomic.
public struct ColumnFamily: Sendable {
    public enum Compression: Sendable {
        case none
        case lz4
    }

    /// RocksDB demands that a family named `default` exists.
    public let name: String
    public let compression: Compression
    /// Bytes of a data block: what a point read fetches and checks.
    public let blockBytes: Int
    /// 0 for none; 10 keeps the false positives of a point read near 1 %.
    public let bloomBitsPerKey: Int

    public init(_ name: String, compression: Compression = .none, blockBytes: Int = 4096, bloomBitsPerKey: Int = 0) {
        self.name = name
        self.compression = compression
        self.blockBytes = blockBytes
        self.bloomBitsPerKey = bloomBitsPerKey
    }
}
