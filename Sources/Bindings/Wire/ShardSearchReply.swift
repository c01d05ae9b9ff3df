import CWire

/// What one shard found for each query, in order.
public struct ShardSearchReply: Hashable, Sendable {
    public var queries: [QueryHits]
    public var passagesSearched: Int
    /// The request had a filter, and every passage matches it. A node that does not know filters leaves it false.
    public var isFiltered: Bool
    /// The hits by words; nil when none were asked for, and from a node that does not know words.
    public var words: ShardWords?
    /// The partitions that were searched.
    public var partitions: [PartitionFigures]
    /// How long the search took, from the moment when a thread began it; zero from a node that does not say.
    public var searchTime: Duration

    public init(
        queries: [QueryHits], passagesSearched: Int, isFiltered: Bool = false, words: ShardWords? = nil,
        partitions: [PartitionFigures] = [], searchTime: Duration = .zero
    ) {
        self.queries = queries
        self.passagesSearched = passagesSearched
        self.isFiltered = isFiltered
        self.words = words
        self.partitions = partitions
        self.searchTime = searchTime
    }
}

extension ShardSearchReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardSearchReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            queries: try unsafe messages(
                stored.queries, stored.n_queries, limit: WireLimit.queries, "shard_search_reply.queries"),
            passagesSearched: try unsafe count(stored.passages_searched, "shard_search_reply.passages_searched"),
            isFiltered: unsafe stored.filter_applied != 0,
            words: try unsafe optionalSubmessage(stored.words),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "shard_search_reply.partitions"),
            searchTime: try unsafe duration(stored.search_us, "shard_search_reply.search_us"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardSearchReply> {
        let stored = unsafe arena.make(imprag__shard_search_reply__init)
        unsafe stored.pointee.n_queries = queries.count
        unsafe stored.pointee.queries = arena.array(queries)
        unsafe stored.pointee.passages_searched = UInt64(clamping: passagesSearched)
        unsafe stored.pointee.filter_applied = isFiltered ? 1 : 0
        unsafe stored.pointee.words = words?.store(in: arena)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        unsafe stored.pointee.search_us = microseconds(searchTime)
        return unsafe stored
    }
}
