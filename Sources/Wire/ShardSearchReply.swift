import CWire

/// What one shard found for each query, in order.
public struct ShardSearchReply: Hashable, Sendable {
    public var queries: [QueryHits]
    public var passagesSearched: Int

    public init(
        queries: [QueryHits], passagesSearched: Int
    ) {
        self.queries = queries
        self.passagesSearched = passagesSearched
    }
}

extension ShardSearchReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardSearchReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            queries: try unsafe messages(
                stored.queries, stored.n_queries, limit: WireLimit.queries, "shard_search_reply.queries"),
            passagesSearched: try unsafe count(stored.passages_searched, "shard_search_reply.passages_searched"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardSearchReply> {
        let stored = unsafe arena.make(imprag__shard_search_reply__init)
        unsafe stored.pointee.n_queries = queries.count
        unsafe stored.pointee.queries = arena.array(queries)
        unsafe stored.pointee.passages_searched = UInt64(clamping: passagesSearched)
        return unsafe stored
    }
}
