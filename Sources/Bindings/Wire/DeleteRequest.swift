import CWire
public import Core

/// Passages to delete through a collection's log; unknown ids are no error. Reply: `DeleteReply`, once that is durable in
/// one epoch and what `wait` says has happened.
///
/// After an error the update may be in the log or not: the same request may be repeated.
public struct DeleteRequest: Hashable, Sendable {
    public var ids: [String]
    public var wait: UpdateWait

    public init(ids: [String], wait: UpdateWait = .durable) {
        self.ids = ids
        self.wait = wait
    }
}

extension DeleteRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__DeleteRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            ids: try unsafe texts(stored.ids, stored.n_ids, limit: WireLimit.passages, "delete_request.ids"),
            wait: try unsafe UpdateWait(stored: stored.wait, "delete_request.wait"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__DeleteRequest> {
        let stored = unsafe arena.make(imprag__delete_request__init)
        unsafe stored.pointee.n_ids = ids.count
        unsafe stored.pointee.ids = arena.array(ids)
        unsafe stored.pointee.wait = wait.stored
        return unsafe stored
    }
}
