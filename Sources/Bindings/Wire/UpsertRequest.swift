import CWire
public import Core

/// Passages for a collection's log, replacing those with the same ids. Reply: `UpsertReply`, once all are durable in
/// one epoch and what `wait` says has happened.
///
/// After an error the update may be in the log or not: the same request, with the same key, may be repeated.
public struct UpsertRequest: Hashable, Sendable {
    public var passages: [Passage]
    public var wait: UpdateWait
    /// Of this update, the same with each repetition; nil: each request is an update of its own.
    public var key: UpdateKey?

    public init(passages: [Passage], wait: UpdateWait = .durable, key: UpdateKey? = nil) {
        self.passages = passages
        self.wait = wait
        self.key = key
    }
}

extension UpsertRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__UpsertRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "upsert_request.passages"),
            wait: try unsafe UpdateWait(stored: stored.wait, "upsert_request.wait"),
            key: try unsafe checkedUpdateKey(stored.update_key, "upsert_request.update_key"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__UpsertRequest> {
        let stored = unsafe arena.make(imprag__upsert_request__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        unsafe stored.pointee.wait = wait.stored
        unsafe stored.pointee.update_key = arena.bytes(of: key?.bytes ?? [])
        return unsafe stored
    }
}
