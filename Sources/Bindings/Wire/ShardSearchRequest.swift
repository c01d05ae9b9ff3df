import CWire
public import Core

/// A search in one shard. Tensor 0: float32 `[queries × dimension]`; none when only words are wanted. Reply:
/// `ShardSearchReply`.
public struct ShardSearchRequest: Hashable, Sendable {
    /// Passages wanted by vector; 0 when only words are wanted.
    public var k: Int
    public var options: SearchOptions
    /// Nil searches for no words.
    public var words: WordsQuery?
    /// The partitions to search, each once; an empty list means all that the shard serves.
    public var partitions: [Int]
    /// As in `GenerateRequest`.
    public var client: UInt64

    public init(
        k: Int, options: SearchOptions = SearchOptions(), words: WordsQuery? = nil, partitions: [Int] = [],
        client: UInt64 = 0
    ) {
        self.k = k
        self.options = options
        self.words = words
        self.partitions = partitions
        self.client = client
    }
}

extension ShardSearchRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardSearchRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            k: Int(unsafe stored.k), options: try unsafe submessage(stored.options, orDefault: SearchOptions()),
            words: try unsafe optionalSubmessage(stored.words),
            partitions: try unsafe numbers(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "shard_search.partitions"
            ).map { Int($0) },
            client: unsafe stored.client)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardSearchRequest> {
        let stored = unsafe arena.make(imprag__shard_search_request__init)
        unsafe stored.pointee.k = UInt32(clamping: k)
        unsafe stored.pointee.options = options.store(in: arena)
        unsafe stored.pointee.words = words?.store(in: arena)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions.map { UInt32(clamping: $0) })
        unsafe stored.pointee.client = client
        return unsafe stored
    }
}
