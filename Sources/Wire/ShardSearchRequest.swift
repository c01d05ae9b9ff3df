import CWire
public import Core

/// A search in one shard. Tensor 0: float32 `[queries × dimension]`. Reply: `ShardSearchReply`.
public struct ShardSearchRequest: Hashable, Sendable {
    public var k: Int
    public var options: SearchOptions

    public init(k: Int, options: SearchOptions = SearchOptions()) {
        self.k = k
        self.options = options
    }
}

extension ShardSearchRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardSearchRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            k: Int(unsafe stored.k), options: try unsafe submessage(stored.options, orDefault: SearchOptions()))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardSearchRequest> {
        let stored = unsafe arena.make(imprag__shard_search_request__init)
        unsafe stored.pointee.k = UInt32(clamping: k)
        unsafe stored.pointee.options = options.store(in: arena)
        return unsafe stored
    }
}
