import CWire
public import Core

/// Passages for the index, replacing those with the same ids. Reply: `UpsertReply`, once all are durable.
///
/// After an error some may have been written: the same request may be repeated.
public struct UpsertRequest: Hashable, Sendable {
    public var passages: [Passage]

    public init(passages: [Passage]) {
        self.passages = passages
    }
}

extension UpsertRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__UpsertRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "upsert_request.passages"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__UpsertRequest> {
        let stored = unsafe arena.make(imprag__upsert_request__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        return unsafe stored
    }
}
