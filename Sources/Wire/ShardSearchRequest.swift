import CWire

/// A search in one shard. Tensor 0: float32 `[queries × dimension]`. Reply: `ShardSearchReply`.
public struct ShardSearchRequest: Hashable, Sendable {
    public var k: Int

    public init(
        k: Int
    ) {
        self.k = k
    }
}

extension ShardSearchRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardSearchRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            k: Int(unsafe stored.k))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardSearchRequest> {
        let stored = unsafe arena.make(imprag__shard_search_request__init)
        unsafe stored.pointee.k = UInt32(clamping: k)
        return unsafe stored
    }
}
