import CWire
public import Core

/// Passages for the partitions of one shard. Tensor 0: float32 or bfloat16 `[passages × dimension]`, their embeddings.
/// Reply: `UpsertReply`.
public struct ShardUpsertRequest: Hashable, Sendable {
    public var passages: [Passage]

    public init(passages: [Passage]) {
        self.passages = passages
    }
}

extension ShardUpsertRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardUpsertRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "shard_upsert_request.passages"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardUpsertRequest> {
        let stored = unsafe arena.make(imprag__shard_upsert_request__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        return unsafe stored
    }
}
