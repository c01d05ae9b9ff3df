public import Core
internal import ObjectStore

extension StoredCollection {
    /// What a segment counts for at least: a file takes as much.
    public static let leastSegmentBytes = 4096

    /// Bytes of the log's segments after `epoch`.
    public func logBytes(after epoch: Int, deadline: Deadline) throws(ImpRAGError) -> Int {
        var bytes = 0
        try forEachObject(CollectionKey.logPrefix, deadline) { object in
            guard let found = CollectionKey.epoch(ofSegment: object.key), found > epoch else { return }
            bytes += max(Self.leastSegmentBytes, object.size)
        }
        return bytes
    }
}

extension CollectionLog {
    /// What applying a segment takes at most: its bytes, and its changes.
    public static let segmentMemory = ByteCount(2 * Segment.byteLimit)
}
