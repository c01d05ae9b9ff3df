import CWire
public import Core

/// What one shard found for one query.
public struct QueryHits: Hashable, Sendable {
    /// Best first; at most k.
    public var passages: [ScoredPassage]

    public init(
        passages: [ScoredPassage]
    ) {
        self.passages = passages
    }
}

extension QueryHits: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__QueryHits>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "query_hits.passages"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__QueryHits> {
        let stored = unsafe arena.make(imprag__query_hits__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        return unsafe stored
    }
}
