/// One keyspace of a database with its own storage settings; all families of a database share one write-ahead log,
/// so a batch that touches several of them is atomic.
public struct ColumnFamily: Sendable {
    public enum Compression: Sendable {
        case none
        case lz4
    }

    /// RocksDB requires a family named `default`.
    public let name: String
    public let compression: Compression
    /// Bytes of a data block: what a point read fetches and checks.
    public let blockBytes: Int
    /// 0 for none; 10 keeps the false positives of a point read near 1 %.
    public let bloomBitsPerKey: Int
    /// Whether blocks that were read stay in the database's cache. Without it the system's page cache serves them, at
    /// the cost of one system call and one checksum per read.
    public let usesBlockCache: Bool
    /// Entries of a table's index per whole key. 1 is fastest; 16 stores most keys as differences, which keeps the
    /// index of small blocks, all of it in memory, at a few bytes per block.
    public let indexRestartInterval: Int
    /// Memory for recent writes; nil uses the database's setting.
    public let writeBufferBytes: Int?
    /// Bytes of a table file, from the first compaction on.
    public let tableBytes: Int
    /// Nil keeps every value with its key.
    public let blobs: BlobFiles?

    public init(
        _ name: String, compression: Compression = .none, blockBytes: Int = 4096, bloomBitsPerKey: Int = 0,
        usesBlockCache: Bool = true, indexRestartInterval: Int = 1, writeBufferBytes: Int? = nil,
        tableBytes: Int = 64 << 20, blobs: BlobFiles? = nil
    ) {
        self.name = name
        self.compression = compression
        self.blockBytes = blockBytes
        self.bloomBitsPerKey = bloomBitsPerKey
        self.usesBlockCache = usesBlockCache
        self.indexRestartInterval = indexRestartInterval
        self.writeBufferBytes = writeBufferBytes
        self.tableBytes = tableBytes
        self.blobs = blobs
    }
}
