import CWire

/// Passages to delete from the index; unknown ids are no error. Reply: `DeleteReply`, once durable.
///
/// After an error some may be deleted: the same request may be repeated.
public struct DeleteRequest: Hashable, Sendable {
    public var ids: [String]

    public init(ids: [String]) {
        self.ids = ids
    }
}

extension DeleteRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__DeleteRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(ids: try unsafe texts(stored.ids, stored.n_ids, limit: WireLimit.passages, "delete_request.ids"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__DeleteRequest> {
        let stored = unsafe arena.make(imprag__delete_request__init)
        unsafe stored.pointee.n_ids = ids.count
        unsafe stored.pointee.ids = arena.array(ids)
        return unsafe stored
    }
}
