import CWire

/// Passages to delete from the partitions of one shard. Reply: `DeleteReply`.
public struct ShardDeleteRequest: Hashable, Sendable {
    public var ids: [String]

    public init(ids: [String]) {
        self.ids = ids
    }
}

extension ShardDeleteRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardDeleteRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            ids: try unsafe texts(stored.ids, stored.n_ids, limit: WireLimit.passages, "shard_delete_request.ids"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardDeleteRequest> {
        let stored = unsafe arena.make(imprag__shard_delete_request__init)
        unsafe stored.pointee.n_ids = ids.count
        unsafe stored.pointee.ids = arena.array(ids)
        return unsafe stored
    }
}
