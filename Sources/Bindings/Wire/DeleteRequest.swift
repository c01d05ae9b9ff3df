import CWire
public import Core

/// Passages to delete through a collection's log; unknown ids are no error. Reply: `DeleteReply`, once that is durable
/// in one epoch and what `wait` says has happened.
///
/// After an error the update may be in the log or not: the same request, with the same key, may be repeated.
public struct DeleteRequest: Hashable, Sendable {
    public var ids: [String]
    public var wait: UpdateWait
    /// Of this update, the same with each repetition; nil: each request is an update of its own.
    public var key: UpdateKey?

    public init(ids: [String], wait: UpdateWait = .durable, key: UpdateKey? = nil) {
        self.ids = ids
        self.wait = wait
        self.key = key
    }
}

extension DeleteRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__DeleteRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            ids: try unsafe texts(stored.ids, stored.n_ids, limit: WireLimit.passages, "delete_request.ids"),
            wait: try unsafe UpdateWait(stored: stored.wait, "delete_request.wait"),
            key: try unsafe checkedUpdateKey(stored.update_key, "delete_request.update_key"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__DeleteRequest> {
        let stored = unsafe arena.make(imprag__delete_request__init)
        unsafe stored.pointee.n_ids = ids.count
        unsafe stored.pointee.ids = arena.array(ids)
        unsafe stored.pointee.wait = wait.stored
        unsafe stored.pointee.update_key = arena.bytes(of: key?.bytes ?? [])
        return unsafe stored
    }
}
