/// Keeps a family's large values in separate blob files, which compactions of its keys do not copy.
///
/// Overwritten and deleted values stay in their file as garbage until a compaction moves the file's last live values
/// into a new one.
public struct BlobFiles: Sendable {
    /// Smaller values stay with their keys.
    public let minimumBytes: Int
    /// Size of a file.
    public let fileBytes: Int
    /// Share of the files, oldest first, that every compaction empties, 0 to 1.
    public let collectedShare: Double
    /// Share of garbage in the oldest files above which RocksDB starts such a compaction by itself, 0 to 1.
    public let garbageShare: Double

    public init(minimumBytes: Int, fileBytes: Int, collectedShare: Double = 0.25, garbageShare: Double = 0.5) {
        self.minimumBytes = minimumBytes
        self.fileBytes = fileBytes
        self.collectedShare = collectedShare
        self.garbageShare = garbageShare
    }
}
